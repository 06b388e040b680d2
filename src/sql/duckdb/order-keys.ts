// Keys by which DuckDB compares values as DESIGN section 2 says.
import type { DataType } from '../../../schemas/types.ts';
import { isFloatType, isIntegerType, shapeOf } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { letIn } from './aggregates/let.ts';
import { ident, text } from './names.ts';

/** A list or a struct with nulls compares nulls highest in DuckDB; a struct of (is not null, value) compares them lowest. */
export function orderKey(sql: string, type: DataType): string {
  const shape = shapeOf(type);
  if (shape.kind === 'scalar') return sql;
  if (shape.kind !== 'struct') return `list_transform(${sql}, lambda item: {'p': item IS NOT NULL, 'v': item})`;
  const parts = shape.fields.map(({ name }, i) => {
    const field = `(${sql}).${ident(name)}`;
    return `'p${i}': ${field} IS NOT NULL, 'v${i}': ${field}`;
  });
  return `{${parts.join(', ')}}`;
}

/** A struct of which only fields are null is none that is null. */
export function fromOrderKey(sql: string, type: DataType): string {
  const shape = shapeOf(type);
  if (shape.kind === 'scalar') return sql;
  if (shape.kind !== 'struct') return `list_transform(${sql}, lambda item: item.v)`;
  const fields = shape.fields.map(({ name }, i) => `${text(name)}: k.v${i}`);
  return letIn(sql, 'k', `CASE WHEN k IS NOT NULL THEN {${fields.join(', ')}} END`);
}

/** No instant is that early; as a created time it stands for null, which is lowest. */
const CREATED_LOWEST = '-9223372036854775808';

/** A key by which `(ts, created, value)` of rows with a value compare; nulls lowest. */
export const orderOfValue = (x: string, type: DataType, { createdTimestampColumn }: Source): string =>
  createdTimestampColumn === null
    ? timedValue(x, type)
    : `row(ts, coalesce(created, ${CREATED_LOWEST}), ${orderKey(x, type)})`;

const TWO_TO_64 = '18446744073709551616';

/** (ts, value) in the form that compares fastest. */
function timedValue(x: string, type: DataType): string {
  const low = sortableBits(x, type);
  return low === null ? `row(ts, ${orderKey(x, type)})` : `CAST(ts AS HUGEINT) * ${TWO_TO_64} + ${low}`;
}

/**
 * A BIGINT that orders as the value does, so that (ts, value) fits one HUGEINT, which compares faster than a struct; null
 * for types without one. Of a float's bits, those of a negative are flipped but for the sign: greater bits, smaller value.
 */
function sortableBits(value: string, type: DataType): string | null {
  if (isIntegerType(type)) return value;
  if (type === 'timestamp') return `epoch_us(${value})`;
  if (!isFloatType(type)) return null;
  const bits = `CAST(CAST(CAST(${value} AS DOUBLE) AS BIT) AS BIGINT)`;
  return `CASE WHEN ${bits} < 0 THEN xor(${bits}, 9223372036854775807) ELSE ${bits} END`;
}
