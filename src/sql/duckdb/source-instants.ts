// Instants of sources, whatever they are written as → microseconds since 1970, or TIMESTAMP. Floors go toward minus infinity.
// Infinite instants, and the extremes of int64 that stand for "no time" (NaT), are null.
import type { TimestampUnit } from '../../catalog/catalog.ts';
import { text } from './names.ts';

/**
 * Nanoseconds with a zone in Parquet, as the files of a source tell it. The engine reads them as microseconds, and cuts their
 * digits toward 1970.
 */
export const ZONED_NANOS = 'TIMESTAMP_NS WITH TIME ZONE';
export const ZONED = 'TIMESTAMP WITH TIME ZONE';

/** The engine's own type. */
export const engineType = (physical: string): string => (physical === ZONED_NANOS ? ZONED : physical);

/** The extremes of int64 in nanoseconds, as the engine reads them. */
const ZONED_EXTREME_MICROS = 9_223_372_036_854_775n;

/** Nanoseconds floor toward minus infinity; DuckDB's own cast truncates. */
export function timestampOf(raw: string, physical: string | undefined): string {
  if (physical === 'TIMESTAMP_NS') return `make_timestamp(${nanosToMicros(`epoch_ns(${raw})`)})`;
  // A cast would go through a calendar, which does not reach all of int64.
  if (physical?.endsWith('WITH TIME ZONE') === true) return `make_timestamp(epoch_us(${raw}))`;
  return `CAST(${raw} AS TIMESTAMP)`;
}

const nanosToMicros = (nanos: string): string => `((${nanos} - ((${nanos} % 1000) + 1000) % 1000) // 1000)`;

export const UNIT_MICROS: Readonly<Record<TimestampUnit, number>> = { s: 1_000_000, ms: 1000, us: 1 };

/** Numbers in a unit → microseconds; fractions floor. */
export const numberInstant = (raw: string, unit: TimestampUnit, isFloat: boolean): string =>
  isFloat ? `CAST(floor(${raw} * ${UNIT_MICROS[unit]}) AS BIGINT)` : `CAST(${raw} AS BIGINT) * ${UNIT_MICROS[unit]}`;

/** DuckDB takes ±(2^63 - 1) for infinity, pandas and NumPy -2^63 for NaT. */
const LARGEST = 9_223_372_036_854_775_807n;
const isTime = (int64: string): string => `${int64} BETWEEN ${-LARGEST + 1n} AND ${LARGEST - 1n}`;

/** Of a column that holds instants; null for a value that is no instant. */
export function finiteInstant(raw: string, physical: string): string {
  if (physical === ZONED_NANOS)
    return `CASE WHEN abs(epoch_us(${raw})) < ${ZONED_EXTREME_MICROS} THEN ${timestampOf(raw, physical)} END`;
  const int64 = physical === 'TIMESTAMP_NS' ? `epoch_ns(${raw})` : `epoch_us(${raw})`;
  return physical === 'DATE'
    ? `CASE WHEN isfinite(${raw}) THEN ${timestampOf(raw, physical)} END`
    : `CASE WHEN ${isTime(int64)} THEN ${timestampOf(raw, physical)} END`;
}

/** Of text that was read as TIMESTAMP. */
export const finiteTimestamp = (raw: string): string => `CASE WHEN isfinite(${raw}) THEN ${raw} END`;

/** Numbers in a unit → microseconds; null for the extremes of int64, an error for what no instant of ours reaches. */
export function finiteNumberInstant(
  raw: string,
  { unit, isFloat, where }: { readonly unit: TimestampUnit; readonly isFloat: boolean; readonly where: string },
): string {
  const last = LARGEST / BigInt(UNIT_MICROS[unit]) - 1n;
  const beyond = `error(${text(`PLUMB:SOURCE_MISMATCH:${where}: found `)} || ${raw} || ${text(`, expected an instant in ${unit} that fits in int64 microseconds; is timestampUnit the right one?`)})`;
  const inside = `WHEN ${raw} BETWEEN ${-last} AND ${last} THEN ${numberInstant(raw, unit, isFloat)}`;
  const noTime = isFloat ? '' : ` WHEN NOT (${isTime(raw)}) THEN NULL`;
  return `CASE WHEN ${raw} IS NULL THEN NULL${noTime} ${inside} ELSE ${beyond} END`;
}
