// CAST of a value that is not null.
import { type DataType, isFloatType, isIntegerType, type Value } from '../../schemas/types.ts';
import type { CastNode } from '../../src/catalog/expression.ts';
import { formatInstant, parseInstant } from '../../src/instant.ts';
import { FAILED, type Outcome } from './reference-outcome.ts';

const GREATEST_FLOAT32 = 3.4028234663852886e38;

export function castValue(value: Value, { arg, type }: CastNode): Outcome {
  const from = arg.type as DataType;
  if (type === 'string') return toText(value, from);
  if (from === 'string') return fromText(String(value), type as DataType);
  if (type === 'bool') return Number(value) !== 0;
  if (isIntegerType(type as DataType)) return toInteger(value, type as DataType);
  return toFloat(Number(value), type as DataType);
}

function toInteger(value: Value, type: DataType): Outcome {
  const whole =
    typeof value === 'number'
      ? BigInt(Math.trunc(value) + (Math.abs(value % 1) >= 0.5 ? Math.sign(value) : 0))
      : BigInt(value as bigint);
  if (BigInt.asIntN(type === 'int32' ? 32 : 64, whole) !== whole) return FAILED;
  return type === 'int32' ? Number(whole) : whole;
}

function toFloat(value: number, type: DataType): Outcome {
  if (type === 'float64') return value;
  return Math.abs(value) > GREATEST_FLOAT32 ? FAILED : Math.fround(value) + 0;
}

function toText(value: Value, from: DataType): string {
  return from === 'timestamp' ? formatInstant(value as bigint) : String(value);
}

function fromText(text: string, type: DataType): Outcome {
  if (type === 'timestamp') return parseInstant(text) ?? FAILED;
  if (type === 'bool') return /^(true|t)$/i.test(text) ? true : /^(false|f)$/i.test(text) ? false : FAILED;
  if (isFloatType(type)) {
    const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));
    return isNumber ? toFloat(Number(text) + 0, type) : FAILED;
  }
  return /^[+-]?\d+$/.test(text) ? toInteger(BigInt(text.replace('+', '')), type) : FAILED;
}
