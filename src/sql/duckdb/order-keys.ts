// Keys by which DuckDB compares values as DESIGN section 2 says.
import type { DataType } from '../../../schemas/types.ts';
import { elementType, isFloatType, isIntegerType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';

/** A list with nulls compares nulls highest in DuckDB; a struct of (is not null, value) compares them lowest. */
const needsOrderKey = (type: DataType): boolean => elementType(type) !== null;

export const orderKey = (sql: string, type: DataType): string =>
  needsOrderKey(type) ? `list_transform(${sql}, lambda item: {'p': item IS NOT NULL, 'v': item})` : sql;

export const fromOrderKey = (sql: string, type: DataType): string =>
  needsOrderKey(type) ? `list_transform(${sql}, lambda item: item.v)` : sql;

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
