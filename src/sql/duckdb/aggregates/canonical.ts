// Canonical text of values in DuckDB's SQL, byte for byte that of src/aggregate/canonical-bytes.ts.
import { type DataType, elementType, type ScalarType } from '../../../../schemas/types.ts';

/** The bits of a float64 that is not null, as BIGINT. */
export const float64Bits = (number: string): string => `CAST(CAST(${number} AS BIT) AS BIGINT)`;

type TextOf = (x: string) => string;

const printed: TextOf = (x) => `CAST(${x} AS VARCHAR)`;
/** Adding 0 makes 0 of -0. */
const float: TextOf = (x) => printed(float64Bits(`CAST(${x} AS DOUBLE) + 0e0`));

const SCALARS: Readonly<Record<ScalarType, TextOf>> = {
  bool: printed,
  int32: printed,
  int64: printed,
  timestamp: (x) => printed(`epoch_us(${x})`),
  float32: float,
  float64: float,
  string: (x) => x,
  bytes: (x) => `lower(hex(${x}))`,
};

function canonicalText(x: string, type: DataType): string {
  const element = elementType(type);
  if (element === null) return SCALARS[type as ScalarType](x);
  const item = SCALARS[element]('item');
  const items = `list_transform(${x}, lambda item: CASE WHEN item IS NULL THEN '-' ELSE strlen(${item}) || ':' || ${item} END)`;
  return `array_to_string(${items}, '')`;
}

/** What is hashed: VARCHAR, or of `bytes` BLOB. */
export const canonicalBytes = (x: string, type: DataType): string => (type === 'bytes' ? x : canonicalText(x, type));
