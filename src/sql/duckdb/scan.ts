// A source's files → a FROM item with normalised columns c0… and `ts`, `created` in microseconds. Non-finite numbers read
// as null and -0 as 0; instants floor to microseconds; text that is not a value of its declared type fails the query,
// naming the column.
import type { DataType, ScalarType } from '../../../schemas/types.ts';
import { elementType, isFloatType, isIntegerType, vectorLength } from '../../../schemas/types.ts';
import type { Source, TimestampUnit } from '../../registry/catalog.ts';
import type { TimeRange } from '../context.ts';
import type { ScanSql } from '../rows.ts';
import { fileList, ident, text, typeName } from './names.ts';

export interface ScannedFiles {
  readonly paths: readonly string[];
  /** Physical DuckDB types by column name, for Parquet; empty for text formats. */
  readonly physical: ReadonlyMap<string, string>;
  /** The header of each CSV file, by path. */
  readonly headers?: ReadonlyMap<string, readonly string[]>;
}

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

/** A FROM item over exact files; text formats are read as text, lists of text where a list is declared. */
export function readerSql(source: Pick<Source, 'format' | 'columns'>, files: ScannedFiles): string {
  if (source.format === 'csv') return csvReaderSql(files);
  const list = fileList(files.paths);
  if (source.format === 'parquet') return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`;
  const columns = [...source.columns].map(
    ([name, type]) => `${text(name)}: '${elementType(type) === null ? 'VARCHAR' : 'VARCHAR[]'}'`,
  );
  return `read_json(${list}, format = 'newline_delimited', columns = {${columns.join(', ')}}, maximum_object_size = 67108864, hive_partitioning = false)`;
}

/** Files of one header are read together. Nothing is sniffed, skipped or padded: a row that does not fit is an error. */
export function csvReaderSql({ paths, headers }: Pick<ScannedFiles, 'paths' | 'headers'>): string {
  const groups = Map.groupBy(paths, (path) => JSON.stringify(headers?.get(path) ?? []));
  const selects = [...groups].map(([header, group]) => {
    const columns = (JSON.parse(header) as string[]).map((name) => `${text(name)}: 'VARCHAR'`);
    return `SELECT * FROM read_csv(${fileList(group)}, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns.join(', ')}}, strict_mode = true, null_padding = false, nullstr = '', allow_quoted_nulls = false, hive_partitioning = false)`;
  });
  return selects.length === 0 ? '(SELECT NULL WHERE false)' : `(${selects.join('\nUNION ALL BY NAME\n')})`;
}

const isText = (source: Source, files: ScannedFiles): boolean => source.format !== 'parquet' && files.paths.length > 0;

function columnSql(source: Source, files: ScannedFiles, name: string): string {
  const type = source.columns.get(name) as DataType;
  const raw = ident(name);
  if (!isText(source, files))
    return normalised(
      type === 'timestamp' ? timestampOf(raw, files.physical.get(name)) : `CAST(${raw} AS ${typeName(type)})`,
      type,
    );
  return normalised(textAs(source, name, raw, type), type);
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

function textAs(source: Source, name: string, raw: string, type: DataType): string {
  const element = elementType(type);
  if (element === null) return scalarText(source, name, raw, type as ScalarType);
  const items = source.format === 'csv' ? `CAST(CAST(${raw} AS JSON) AS VARCHAR[])` : raw;
  const list = `list_transform(${items}, lambda item: ${scalarText(source, name, 'item', element)})`;
  const length = vectorLength(type);
  if (length === null) return `CAST(${list} AS ${typeName(type)})`;
  const misfit = mismatch(source, name, `array_to_string(${items}, ',')`, type);
  return `CASE WHEN ${items} IS NULL THEN NULL WHEN len(${items}) = ${length} THEN CAST(${list} AS ${typeName(type)}) ELSE ${misfit} END`;
}

function scalarText(source: Source, name: string, raw: string, type: ScalarType): string {
  if (type === 'string') return raw;
  if (type === 'timestamp') return strict(source, name, raw, type, `TRY_CAST(${textInstant(raw)} AS TIMESTAMP)`);
  if (type === 'bytes') return strict(source, name, raw, type, `TRY(from_base64(${raw}))`);
  const cast = `TRY_CAST(${raw} AS ${typeName(type)})`;
  const converted = isIntegerType(type)
    ? `CASE WHEN regexp_full_match(${raw}, '[+-]?[0-9]+(\\.0*)?') THEN ${cast} END`
    : cast;
  return strict(source, name, raw, type, converted);
}

const strict = (source: Source, name: string, raw: string, type: DataType, converted: string): string =>
  `CASE WHEN ${raw} IS NULL THEN NULL ELSE coalesce(${converted}, ${mismatch(source, name, raw, type)}) END`;

const mismatch = (source: Source, name: string, raw: string, type: DataType): string =>
  `error(${text(`PLUMB:SOURCE_MISMATCH:source ${source.name}, column ${name}: found '`)} || replace(left(${raw}, 60), chr(10), ' ') || ${text(`', expected ${type}; mend the file, or change the column's type and run plumb apply`)})`;

/** Offsets count, without one it is UTC; more than six digits of a second are cut, which floors. */
export const textInstant = (raw: string): string =>
  `TRY_CAST(regexp_replace(${raw}, '([.][0-9]{6})[0-9]+', '\\1') AS TIMESTAMPTZ)`;

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
