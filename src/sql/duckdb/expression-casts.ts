// CAST in DuckDB's SQL, total: null where the value cannot be converted. What texts are numbers, bools and instants is
// our rule, not DuckDB's, which also takes `1_000`, ` 5`, `1.5` for an integer, and `infinity`.
import { type DataType, isFloatType, isIntegerType } from '../../../schemas/types.ts';
import type { CastNode } from '../../catalog/expression.ts';
import { failsItself } from '../../catalog/expression-failure.ts';
import { typeName } from './names.ts';

type Cast = (sql: string, to: DataType) => string;

export function castSql(sql: string, node: CastNode): string {
  const from = node.arg.type as DataType;
  if (from === 'string') return FROM_TEXT.get(node.type as DataType)?.(sql, node.type as DataType) ?? sql;
  if (node.type === 'string') return toText(sql, from);
  if (isFloatType(from)) return fromFloat(sql, node.type as DataType);
  return failsItself(node)
    ? narrowed(sql, node.type as DataType)
    : `CAST(${sql} AS ${typeName(node.type as DataType)})`;
}

const tryCast: Cast = (sql, to) => `TRY_CAST(${sql} AS ${typeName(to)})`;

/**
 * An integer as a narrower one. DuckDB's optimizer takes `TRY_CAST(x AS INTEGER) > 5` for `x > 5`, which is TRUE where
 * it must be null; behind `| 0` it does not see the cast.
 */
export const narrowed: Cast = (sql, to) => `(${tryCast(sql, to)} | 0)`;

/** Floats round half away from zero to integers; a float32 that becomes 0 may be -0. */
const fromFloat: Cast = (sql, to) => {
  if (isIntegerType(to)) return tryCast(`round(${sql})`, to);
  return to === 'float32' ? `(${tryCast(sql, to)} + CAST(0 AS FLOAT))` : `CAST(${sql} AS ${typeName(to)})`;
};

/** The text where it is of this form. */
const formed = (pattern: string, sql: string): string =>
  `CASE WHEN regexp_full_match(${sql}, '${pattern}') THEN ${sql} END`;

const integer: Cast = (sql, to) => tryCast(formed('[+-]?[0-9]+', sql), to);

/** Read as float64 in any case, so that float32 is rounded twice everywhere. A text beyond float64 is no number. */
const float: Cast = (sql, to) => {
  const numeral = formed('[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?', sql);
  const read = `TRY_CAST(${numeral} AS DOUBLE)`;
  const finite = `(nullif(nullif(${read}, CAST('inf' AS DOUBLE)), CAST('-inf' AS DOUBLE)) + 0e0)`;
  return to === 'float32' ? fromFloat(finite, to) : finite;
};

const bool: Cast = (sql) =>
  `CASE WHEN lcase(${sql}) IN ('true', 't') THEN TRUE WHEN lcase(${sql}) IN ('false', 'f') THEN FALSE END`;

/** As src/instant.ts reads them; each group has its name. */
const INSTANT =
  '^([+-]\\d{6}|\\d{4})-(\\d\\d)-(\\d\\d)(?:[Tt ]([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d)(?:\\.(\\d+))?)?\\s?(?:[Zz]|([+-])(\\d\\d):?(\\d\\d)?)?)?$';
const GROUPS = ['y', 'mo', 'd', 'h', 'mi', 's', 'fraction', 'sign', 'zh', 'zm'];
const NUMBERS = ['y', 'mo', 'd', 'h', 'mi', 's', 'zh', 'zm'];

const instant: Cast = (sql) => {
  const groups = `regexp_extract(${sql}, '${INSTANT}', [${GROUPS.map((group) => `'${group}'`).join(', ')}])`;
  const numbers = `{${NUMBERS.map((part) => `'${part}': coalesce(TRY_CAST(texts.${part} AS BIGINT), 0)`).join(', ')}}`;
  const local = 'epoch_us(make_timestamp(p.y, p.mo, p.d, p.h, p.mi, 0e0 + p.s))';
  const fraction = `CAST(rpad(substr(texts.fraction, 1, 6), 6, '0') AS BIGINT)`;
  const zone = `CASE WHEN texts.sign = '-' THEN -1 ELSE 1 END * (p.zh * 60 + p.zm) * 60000000`;
  const micros = `CASE WHEN ${IS_DATE} THEN make_timestamp(${local} + ${fraction} - ${zone}) END`;
  return bound(groups, 'texts', bound(numbers, 'p', micros));
};

/** Checked first, as make_timestamp would stop the query on a 30th of February; a text that is no instant has month 0. */
const IS_DATE = `p.mo BETWEEN 1 AND 12 AND p.d >= 1 AND p.d <= CASE
    WHEN p.mo IN (4, 6, 9, 11) THEN 30 WHEN p.mo <> 2 THEN 31
    WHEN p.y % 4 = 0 AND (p.y % 100 <> 0 OR p.y % 400 = 0) THEN 29 ELSE 28 END
  AND p.y BETWEEN -271820 AND 275759`;

const FROM_TEXT: ReadonlyMap<DataType, Cast> = new Map<DataType, Cast>([
  ['bool', bool],
  ['int32', integer],
  ['int64', integer],
  ['float32', float],
  ['float64', float],
  ['timestamp', instant],
]);

function toText(sql: string, from: DataType): string {
  if (isFloatType(from)) return bound(`CAST(${sql} AS VARCHAR)`, 'number', FLOAT_TEXT);
  return from === 'timestamp' ? bound(sql, 'instant', INSTANT_TEXT) : `CAST(${sql} AS VARCHAR)`;
}

/** DuckDB's `1.0`, `1e+16`, `1.5e-05` as ECMAScript writes them: `1`, `10000000000000000`, `0.000015`. */
const FLOAT_TEXT = (() => {
  const exponent = `CAST(split_part(number, 'e', 2) AS BIGINT)`;
  const mantissa = `split_part(number, 'e', 1)`;
  const sign = `CASE WHEN starts_with(number, '-') THEN '-' ELSE '' END`;
  const digits = `translate(${mantissa}, '-.', '')`;
  return `CASE
    WHEN NOT contains(number, 'e') THEN CASE WHEN suffix(number, '.0') THEN substr(number, 1, length(number) - 2) ELSE number END
    WHEN ${exponent} BETWEEN 0 AND 20 THEN ${sign} || rpad(${digits}, CAST(${exponent} + 1 AS INTEGER), '0')
    WHEN ${exponent} BETWEEN -6 AND -1 THEN ${sign} || '0.' || repeat('0', - ${exponent} - 1) || ${digits}
    ELSE ${mantissa} || 'e' || CASE WHEN ${exponent} < 0 THEN '' ELSE '+' END || CAST(${exponent} AS VARCHAR) END`;
})();

/** RFC 3339 with 0, 3 or 6 digits of the second, as src/instant.ts. */
const INSTANT_TEXT = (() => {
  const year = `date_part('year', instant)`;
  const years = `CASE WHEN ${year} BETWEEN 0 AND 9999 THEN format('{:04d}', ${year})
    ELSE CASE WHEN ${year} < 0 THEN '-' ELSE '+' END || format('{:06d}', abs(${year})) END`;
  const micros = `date_part('microsecond', instant) % 1000000`;
  const fraction = `CASE WHEN ${micros} = 0 THEN '' WHEN ${micros} % 1000 = 0 THEN format('.{:03d}', CAST((${micros}) // 1000 AS BIGINT))
    ELSE format('.{:06d}', ${micros}) END`;
  return `${years} || strftime(instant, '-%m-%dT%H:%M:%S') || ${fraction} || 'Z'`;
})();

/** `body` over the value of `sql`, under a name and computed once. */
const bound = (sql: string, name: string, body: string): string =>
  `list_transform([${sql}], lambda ${name}: ${body})[1]`;
