// A source's files → a FROM item with normalised columns c0… and `ts`, `created` in microseconds. Non-finite numbers read
// as null and -0 as 0; instants floor to microseconds; text that is not a value of its declared type fails the query,
// naming the column.
import type { DataType } from '../../../schemas/types.ts';
import { elementType, isFloatType, isIntegerType } from '../../../schemas/types.ts';
import type { Source, TimestampUnit } from '../../registry/catalog.ts';
import type { TimeRange } from '../context.ts';
import type { ScanSql } from '../rows.ts';
import { fileList, ident, typeName } from './names.ts';
import { textAs, textMicros, textReaderSql } from './scan-text.ts';

import type { ScannedFiles } from './scanned.ts';

export { csvReaderSql, textInstant } from './scan-text.ts';
export type { Compression, ScannedFiles } from './scanned.ts';

export function scanSql(source: Source, files: ScannedFiles, range: TimeRange): ScanSql {
  const names = [...source.columns.keys()];
  const column = (name: string): string => `c${names.indexOf(name)}`;
  const items = names.map((name) => `${columnSql(source, files, name)} AS ${column(name)}`);
  const { timestampColumn, timestampUnit, createdTimestampColumn, createdTimestampUnit } = source;
  items.push(`${microsSql(source, files, timestampColumn, timestampUnit)} AS ts`);
  if (createdTimestampColumn !== null)
    items.push(`${microsSql(source, files, createdTimestampColumn, createdTimestampUnit)} AS created`);
  const where = pruningConditions(source, files, range);
  const from = files.paths.length === 0 ? emptyFrom(source) : readerSql(source, files);
  return {
    from: `(\nSELECT ${items.join(', ')}\nFROM ${from}${where.length === 0 ? '' : `\nWHERE ${where.join(' AND ')}`}\n)`,
    column,
    hasCreated: createdTimestampColumn !== null,
  };
}

/** Columns of the declared types: nothing is left to convert. */
const emptyFrom = ({ columns }: Source): string =>
  `(SELECT ${[...columns].map(([name, type]) => `CAST(NULL AS ${typeName(type)}) AS ${ident(name)}`).join(', ')} WHERE false)`;

/** A FROM item over exact files. */
export const readerSql = (source: Pick<Source, 'name' | 'format' | 'columns' | 'csv'>, files: ScannedFiles): string =>
  source.format === 'parquet'
    ? `read_parquet(${fileList(files.paths)}, union_by_name = true)`
    : textReaderSql(source, files);

const isText = (source: Source, files: ScannedFiles): boolean => source.format !== 'parquet' && files.paths.length > 0;

function columnSql(source: Source, files: ScannedFiles, name: string): string {
  const type = source.columns.get(name) as DataType;
  const raw = ident(name);
  if (!isText(source, files))
    return normalised(
      type === 'timestamp' ? timestampOf(raw, files.physical.get(name)) : `CAST(${raw} AS ${typeName(type)})`,
      type,
    );
  return normalised(textAs(source, name, type), type);
}

/** Floats: non-finite → null, -0 → 0; lists element by element. */
function normalised(sql: string, type: DataType): string {
  const element = elementType(type);
  if (element === null) return isFloatType(type) ? finite(sql, type) : sql;
  if (!isFloatType(element)) return sql;
  return `CAST(list_transform(${sql}, lambda item: ${finite('item', element)}) AS ${typeName(type)})`;
}

const finite = (sql: string, type: DataType): string =>
  `CASE WHEN isfinite(${sql}) THEN ${sql} + CAST(0 AS ${typeName(type)}) END`;

/** Nanoseconds floor toward minus infinity; DuckDB's own cast truncates. */
export function timestampOf(raw: string, physical: string | undefined): string {
  if (physical === 'TIMESTAMP_NS') return `make_timestamp(${nanosToMicros(`epoch_ns(${raw})`)})`;
  return `CAST(${raw} AS TIMESTAMP)`;
}

const nanosToMicros = (nanos: string): string => `((${nanos} - ((${nanos} % 1000) + 1000) % 1000) // 1000)`;

const UNIT_MICROS: Readonly<Record<TimestampUnit, number>> = { s: 1_000_000, ms: 1000, us: 1 };

/** Numbers in a unit → microseconds; fractions floor. */
export const numberInstant = (raw: string, unit: TimestampUnit, isFloat: boolean): string =>
  isFloat ? `CAST(floor(${raw} * ${UNIT_MICROS[unit]}) AS BIGINT)` : `CAST(${raw} AS BIGINT) * ${UNIT_MICROS[unit]}`;

function microsSql(source: Source, files: ScannedFiles, name: string, unit: TimestampUnit | null): string {
  const column = columnSql(source, files, name);
  if (unit !== null && isText(source, files))
    return textMicros(source, name, {
      column,
      micros: numberInstant(column, unit, isFloatType(source.columns.get(name) ?? 'int64')),
      unit,
      unitMicros: UNIT_MICROS[unit],
    });
  return unit === null
    ? `epoch_us(${column})`
    : numberInstant(column, unit, isFloatType(source.columns.get(name) ?? 'int64'));
}

/** Conditions on the raw column, a superset of the exact ones, so that Parquet's zone maps can skip row groups. */
function pruningConditions(source: Source, files: ScannedFiles, range: TimeRange): string[] {
  if (isText(source, files) || files.paths.length === 0) return [];
  const raw = ident(source.timestampColumn);
  const unit = source.timestampUnit;
  const bound = (micros: bigint, up: boolean): string | null => {
    const widened = up ? micros + 1_000_000n : micros - 1_000_000n;
    if (widened > LAST_PRUNED_MICROS || widened < -LAST_PRUNED_MICROS) return null;
    if (unit !== null)
      return isIntegerType(source.columns.get(source.timestampColumn) ?? 'string')
        ? String(widened / BigInt(UNIT_MICROS[unit]))
        : null;
    const physical = files.physical.get(source.timestampColumn) ?? '';
    return physical.startsWith('TIMESTAMP') ? `CAST(make_timestamp(${widened}::BIGINT) AS ${physical})` : null;
  };
  const from = range.fromMicros === null ? null : bound(range.fromMicros, false);
  const to = range.toMicros === null ? null : bound(range.toMicros, true);
  return [...(from === null ? [] : [`${raw} >= ${from}`]), ...(to === null ? [] : [`${raw} <= ${to}`])];
}

/** Every TIMESTAMP precision can hold it (nanoseconds end in 2262). */
const LAST_PRUNED_MICROS = 9_000_000_000_000_000n;
