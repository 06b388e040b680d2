// Parquet columns → declared types. Files that have the same physical types for the columns that are read are read
// together; each group converts by itself, so that no type of one file is united with that of another.
import type { DataType, ScalarType } from '../../../schemas/types.ts';
import { elementType, isFloatType, isIntegerType, vectorLength } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import { fileNameSql } from './file-name.ts';
import { fileList, ident, text, typeName } from './names.ts';
import { engineType, finiteInstant, UNIT_MICROS } from './source-instants.ts';

/** Files whose columns have these DuckDB types. */
export interface ParquetGroup {
  readonly paths: readonly string[];
  readonly physical: ReadonlyMap<string, string>;
}

export const parquetReader = ({ paths }: Pick<ParquetGroup, 'paths'>): string =>
  `read_parquet(${fileList(paths)}, hive_partitioning = false)`;

/** The column in its declared type; SOURCE_MISMATCH where a value does not fit. */
export function parquetColumn(source: Source, name: string, physical: string): string {
  const type = source.columns.get(name) as DataType;
  const raw = ident(name);
  if (physical === 'NULL') return `CAST(NULL AS ${typeName(type)})`;
  const element = elementType(type);
  const where = { source, column: name };
  if (element === null) return scalar(raw, type as ScalarType, { physical, where });
  const item = scalar('item', element, { physical: physical.replace(/\[\d*\]$/, ''), where });
  const items = item === plainCast('item', element) ? raw : `list_transform(${raw}, lambda item: ${item})`;
  const length = vectorLength(type);
  if (length === null || physical.endsWith(`[${length}]`)) return `CAST(${items} AS ${typeName(type)})`;
  const misfit = mismatch(where, `CAST(len(${raw}) AS VARCHAR) || ' values'`, type);
  return `CASE WHEN ${raw} IS NULL THEN NULL WHEN len(${raw}) = ${length} THEN CAST(${items} AS ${typeName(type)}) ELSE ${misfit} END`;
}

interface Found {
  readonly physical: string;
  readonly where: Where;
}

const plainCast = (raw: string, type: DataType): string => `CAST(${raw} AS ${typeName(type)})`;

function scalar(raw: string, type: ScalarType, { physical, where }: Found): string {
  if (type === 'timestamp') return finiteInstant(raw, physical);
  const digits = Number(/^DECIMAL\((\d+),/.exec(physical)?.[1] ?? 0);
  if (digits > EXACT_DECIMAL_DIGITS) return plainCast(`CAST(${raw} AS VARCHAR)`, type);
  const cast = plainCast(raw, type);
  const misfit = mismatch(where, `CAST(${raw} AS VARCHAR)`, type);
  if (isFloatType(type) && INTEGERS.includes(physical)) {
    const largest = type === 'float32' ? 2 ** 24 : 2 ** 53;
    return `CASE WHEN ${raw} BETWEEN ${-largest} AND ${largest} OR CAST(${cast} AS HUGEINT) = ${raw} THEN ${cast} WHEN ${raw} IS NOT NULL THEN ${misfit} END`;
  }
  if (!isIntegerType(type) || physical !== 'UBIGINT') return cast;
  return `CASE WHEN ${raw} IS NOT NULL THEN coalesce(TRY_CAST(${raw} AS ${typeName(type)}), ${misfit}) END`;
}

/** A decimal of more digits is no quotient of two exact doubles, as which the engine would compute it. */
const EXACT_DECIMAL_DIGITS = 15;

/** Integers that a float may not hold exactly. */
const INTEGERS: readonly string[] = ['INTEGER', 'UINTEGER', 'BIGINT', 'UBIGINT'];

interface Where {
  readonly source: Source;
  readonly column: string;
}

/** `filename` is a column that the reader of Parquet has by itself. */
const mismatch = ({ source, column }: Where, found: string, type: DataType): string =>
  `error(${text(`PLUMB:SOURCE_MISMATCH:source ${source.name}, file `)} || ${fileNameSql(source, 'CAST(filename AS VARCHAR)')} || ${text(`, column ${column}: found `)} || ${found} || ${text(`, which ${type} does not hold; mend the file, or change the column's type and run plumb apply`)})`;

/** Conditions on the raw column, a superset of the exact ones, so that Parquet's zone maps can skip row groups. */
export function pruningConditions(source: Source, physical: string, range: TimeRange): string[] {
  const bounds = [
    { operator: '>=', micros: range.fromMicros, widening: -1_000_000n },
    { operator: '<=', micros: range.toMicros, widening: 1_000_000n },
  ] as const;
  return bounds.flatMap(({ operator, micros, widening }) => {
    const bound = micros === null ? null : boundSql(source, physical, micros + widening);
    return bound === null ? [] : [`${ident(source.timestampColumn)} ${operator} ${bound}`];
  });
}

function boundSql(source: Source, physical: string, micros: bigint): string | null {
  if (micros > LAST_PRUNED_MICROS || micros < -LAST_PRUNED_MICROS) return null;
  const unit = source.timestampUnit;
  if (physical === '') return null;
  if (unit === null)
    return physical.startsWith('TIMESTAMP')
      ? `CAST(make_timestamp(${micros}::BIGINT) AS ${engineType(physical)})`
      : null;
  return isIntegerType(source.columns.get(source.timestampColumn) ?? 'string')
    ? String(micros / BigInt(UNIT_MICROS[unit]))
    : null;
}

/** Every TIMESTAMP precision can hold it (nanoseconds end in 2262). */
const LAST_PRUNED_MICROS = 9_000_000_000_000_000n;
