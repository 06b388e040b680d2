// Canonical text of a value: equal for equal values of a type, different otherwise, and the same in every engine, which is
// what sketches hash (docs/specs/partials.md). Numbers that float are their bits, because engines print them differently.
import { type DataType, elementType, type ScalarType, type Value } from '../../schemas/types.ts';

type TextOf = (value: Value) => string;

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The bits of a float64, sign included. -0 is 0. */
export function float64Bits(number: number): bigint {
  double[0] = number + 0;
  return bits[0] as bigint;
}

export function fromFloat64Bits(pattern: bigint): number {
  bits[0] = pattern;
  return double[0] as number;
}

const integer: TextOf = (value) => String(value);
const float: TextOf = (value) => String(float64Bits(value as number));

const SCALARS: Readonly<Record<ScalarType, TextOf>> = {
  bool: (value) => String(value),
  int32: integer,
  int64: integer,
  timestamp: integer,
  float32: float,
  float64: float,
  string: (value) => value as string,
  bytes: (value) => Buffer.from(value as Uint8Array).toString('hex'),
};

/** Of a list: of each item its length in bytes, a colon and its text; `-` for null. */
export function canonicalText(type: DataType): TextOf {
  const element = elementType(type);
  if (element === null) return SCALARS[type as ScalarType];
  const textOf = SCALARS[element];
  const ofItem = (item: Value): string => {
    if (item === null) return '-';
    const text = textOf(item);
    return `${Buffer.byteLength(text)}:${text}`;
  };
  return (value) => (value as readonly Value[]).map(ofItem).join('');
}

/** What is hashed: the canonical text in UTF-8, but of `bytes` they themselves. */
export function canonicalBytes(type: DataType): (value: Value) => string | Uint8Array {
  return type === 'bytes' ? (value) => value as Uint8Array : canonicalText(type);
}
