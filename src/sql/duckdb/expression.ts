// Expressions in DuckDB's SQL. Its own functions are used where they mean what docs/reference/expressions.md says, on any value.
import type { DataType } from '../../../schemas/types.ts';
import type { CallNode, Expression, ExpressionNode, LiteralNode } from '../../catalog/expression.ts';
import { INT32, INT64, intRange, within } from '../../catalog/expression-ranges.ts';
import { ExpressionPrinter, type FallibleSql } from '../expression.ts';
import type { ExpressionDialect, FunctionPrinters } from '../expression-dialect.ts';
import { infix, STANDARD_FUNCTIONS } from '../expression-functions.ts';
import { castSql, narrowed } from './expression-casts.ts';
import { text, typeName } from './names.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();

const FUNCTIONS: FunctionPrinters = {
  ...STANDARD_FUNCTIONS,
  '%': (args, node) =>
    remainderMayThrow(node) ? `CAST((CAST(${args[0]} AS HUGEINT) % ${args[1]}) AS BIGINT)` : infix('%')(args, node),
  sign: ([arg]) => `CAST(sign(${arg}) AS BIGINT)`,
  round: ([arg, digits], node) =>
    node.type === 'int64'
      ? `${arg}`
      : digits === undefined
        ? `round(${arg})`
        : `round(${arg}, CAST(${digits} AS INTEGER))`,
  lower: ([arg]) => asciiCase(arg, 'lower', UPPER, LOWER),
  upper: ([arg]) => asciiCase(arg, 'upper', LOWER, UPPER),
  // Without a second argument it takes every kind of space.
  trim: ([arg]) => `trim(${arg}, ' ')`,
  substr: ([arg, ...positions], { args }) =>
    `substr(${[arg, ...positions.map((sql, i) => position(sql, args[i + 1], 1 - i))].join(', ')})`,
  // The optimizer takes `date_trunc('day', x) = <noon>` for FALSE, where x is null, too; behind least() it does not see it.
  date_trunc: ([part, instant]) => `least(CAST(date_trunc(${part}, ${instant}) AS TIMESTAMP))`,
  date_part: ([part, instant]) => `CAST(date_part(${part}, ${instant}) AS BIGINT)`,
  epoch: ([instant]) => `(CAST(epoch_us(${instant}) AS DOUBLE) / 1e6)`,
};

/** DuckDB's own know all of Unicode, which matters only in a text that has more bytes than characters. */
const asciiCase = (sql: string | undefined, name: string, from: string, to: string): string =>
  `CASE WHEN strlen(${sql}) = length(${sql}) THEN ${name}(${sql}) ELSE translate(${sql}, '${from}', '${to}') END`;

/** `-9223372036854775808 % -1` overflows inside DuckDB, though it is 0. */
function remainderMayThrow({ type, args }: CallNode): boolean {
  const [dividend, divisor] = args;
  if (type !== 'int64' || dividend === undefined || divisor === undefined) return false;
  const by = intRange(divisor);
  return intRange(dividend).min === INT64.min && by.min <= -1n && by.max >= -1n;
}

/** From `least` on: DuckDB counts a negative start from the end, and refuses positions beyond int32. */
function position(sql: string, node: ExpressionNode | undefined, least: number): string {
  if (node !== undefined && within(intRange(node), { min: BigInt(least), max: INT32.max })) return sql;
  return `CASE WHEN ${sql} < ${least} THEN ${least} WHEN ${sql} > ${INT32.max} THEN ${INT32.max} ELSE ${sql} END`;
}

function literal({ value, type }: LiteralNode): string {
  if (value === null) return nullOf(type as DataType);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (type === 'timestamp') return `make_timestamp(CAST(${value} AS BIGINT))`;
  // Scientific notation is a DOUBLE at once; `1.5` would be a DECIMAL first.
  if (type === 'float64' && typeof value === 'number') return value.toExponential();
  return `CAST(${value} AS ${typeName(type as DataType)})`;
}

const nullOf = (type: DataType): string => `CAST(NULL AS ${typeName(type)})`;

const duckdbExpressions: ExpressionDialect = {
  functions: FUNCTIONS,
  literal,
  nullOf,
  cast: castSql,
  // 128 bits hold every sum, difference and product of two int64.
  checkedInt64: ([first, ...others], node, print) =>
    narrowed(print([`CAST(${first} AS HUGEINT)`, ...others], node), 'int64'),
  struct: (fields) => `{${fields.map(({ name, sql }) => `${text(name)}: ${sql}`).join(', ')}}`,
  finite: (sql) => `CASE WHEN isfinite(${sql}) THEN ${sql} + 0e0 END`,
};

/** TOO_LARGE where the SQL would be beyond all measure: functions inside one another can repeat their arguments. */
export const printFallible = (expression: Expression, column: (name: string) => string): FallibleSql =>
  new ExpressionPrinter(duckdbExpressions, column).print(expression);
