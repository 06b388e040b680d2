// Cells of labels → instants in microseconds and join keys in their declared types. A cell that does not convert fails the
// query and is told with its row and text.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { DataType } from '../../../../schemas/types.ts';
import { parseInstant } from '../../../instant.ts';
import { ident, text, typeName } from '../../../sql/duckdb/names.ts';
import { numberInstant, textInstant, timestampOf } from '../../../sql/duckdb/scan.ts';
import { LABEL_ROW } from '../../../sql/labels.ts';
import type { LabelFiles } from '../../compute.ts';
import { type Column, invalid } from './columns.ts';

const NUMBERS = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
  'UHUGEINT',
  'DECIMAL(38,0)',
]);
const FLOATS = new Set(['FLOAT', 'DOUBLE']);

export const FIRST_YEAR = parseInstant('0001-01-01') as bigint;
export const YEAR_10000 = (parseInstant('9999-12-31') as bigint) + 86_400_000_000n;

/** What a label column that passes through is written as: the engine's Parquet has no integers of 128 bits. */
export function passedThrough({ name, type }: Column): string {
  const raw = ident(name);
  if (type === 'HUGEINT' || type === 'UHUGEINT') return `CAST(${raw} AS VARCHAR)`;
  return raw;
}

export function timeSql({ name, type }: Column, { timestampUnit }: Pick<LabelFiles, 'timestampUnit'>): string {
  const raw = ident(name);
  const isFloat = FLOATS.has(type);
  if (NUMBERS.has(type) || isFloat) {
    const expected = `a number of ${timestampUnit} since 1970 within int64 microseconds`;
    if (timestampUnit !== null)
      return failing(raw, `TRY(${numberInstant(raw, timestampUnit, isFloat)})`, name, expected);
    throw invalid(
      `label column ${name} holds numbers; say their unit, s, ms or us (--timestamp-unit, over HTTP timestampUnit)`,
    );
  }
  if (timestampUnit !== null)
    throw invalid(
      `label column ${name} is ${type}, not a number: leave its unit out (--timestamp-unit, over HTTP timestampUnit)`,
    );
  if (type === 'VARCHAR')
    return failing(raw, calendarMicros(textInstant(raw)), name, 'an instant such as 2026-01-08T00:00:00Z');
  if (type.startsWith('TIMESTAMP') || type === 'DATE')
    return failing(raw, calendarMicros(`TRY(${timestampOf(raw, type)})`), name, FINITE);
  throw invalid(`label column ${name} is ${type}; expected timestamps, text or numbers`);
}

const FINITE =
  'an instant from year 1 to 9999 (infinity, NaT and the least and greatest int64 are none); drop the row or mend it';

/** The int64 extremes in nanoseconds, as microseconds: cut, floored, and the greatest. */
const NANO_EXTREMES = '-9223372036854775, -9223372036854776, 9223372036854775';

/** null for infinite instants, those outside the years 1 to 9999, and int64 extremes, which stand for NaT. */
const calendarMicros = (instant: string): string =>
  `CASE WHEN isfinite(${instant}) AND TRY(epoch_us(${instant})) >= ${FIRST_YEAR} AND TRY(epoch_us(${instant})) < ${YEAR_10000} AND TRY(epoch_us(${instant})) NOT IN (${NANO_EXTREMES}) THEN epoch_us(${instant}) END`;

/** Beyond it a float64 stands for several integers. */
const EXACT_IN_DOUBLE = '9007199254740991';

export function keySql({ name, type }: Column, wanted: DataType): string {
  const raw = ident(name);
  if (typeName(wanted) === type) return raw;
  if (type === 'VARCHAR') return textKey(raw, name, wanted);
  if (type === 'JSON') return textKey(`(${raw} ->> '$')`, name, wanted); // a column of texts and numbers mixed
  if (/^"?NULL"?$/.test(type)) return textKey(`CAST(${raw} AS VARCHAR)`, name, wanted);
  if (wanted === 'string' && NUMBERS.has(type)) return `CAST(${raw} AS VARCHAR)`;
  const cast = `TRY_CAST(${raw} AS ${typeName(wanted)})`;
  const isInteger = wanted === 'int32' || wanted === 'int64';
  if (isInteger && NUMBERS.has(type)) return failing(raw, cast, name, wanted);
  const whole = `CASE WHEN ${raw} = floor(${raw}) AND abs(${raw}) <= ${EXACT_IN_DOUBLE} THEN ${cast} END`;
  if (isInteger && FLOATS.has(type)) return failing(raw, whole, name, wanted);
  throw new PlumbError('INVALID_LABELS', `label column ${name} is ${type}, but the join key it names is ${wanted}`, {
    details: { column: name },
  });
}

function textKey(raw: string, name: string, wanted: DataType): string {
  if (wanted === 'string') return raw;
  const pattern = wanted === 'bool' ? '(?i)true|false' : '[+-]?[0-9]+([.]0*)?';
  const converted = `CASE WHEN regexp_full_match(${raw}, '${pattern}') THEN TRY_CAST(${raw} AS ${typeName(wanted)}) END`;
  return failing(raw, converted, name, wanted);
}

/** The converted value; a value that is there but does not convert fails the query with its text and row. */
const failing = (raw: string, converted: string, name: string, expected: string): string =>
  `CASE WHEN ${raw} IS NULL THEN NULL ELSE coalesce(${converted}, error(${text(`PLUMB:INVALID_LABELS:label column ${name}, row `)} || (${LABEL_ROW} + 1) || ${text(`: found '`)} || coalesce(replace(left(TRY(CAST(${raw} AS VARCHAR)), 60), chr(10), ' '), 'an instant out of range') || ${text(`', expected ${expected}`)})) END`;
