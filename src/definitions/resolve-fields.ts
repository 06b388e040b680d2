// Fields that several objects share: documentation, durations, defaults.
import type { DefaultInput } from '../../schemas/fields.ts';
import { shortestFloat32 } from '../../schemas/float32.ts';
import { type DataType, elementType, type Value, vectorLength } from '../../schemas/types.ts';
import type { Documented } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { parseDuration, parseInstant } from '../instant.ts';
import type { Mistakes, Place } from './mistakes.ts';

interface DocumentedInput {
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export const documented = ({ description, owner, tags }: DocumentedInput): Documented => ({
  description: description ?? null,
  owner: owner ?? null,
  tags: tags ?? {},
});

/** Instants and windows must stay far from the ends of int64 microseconds. */
const LONGEST_MICROS = 36_500n * 86_400_000_000n;

export function durationMicros(text: string, place: Place, mistakes: Mistakes): bigint | null {
  const micros = /^0[smhd]$/.test(text) ? 0n : parseDuration(text);
  if (micros !== null && micros <= LONGEST_MICROS) return micros;
  mistakes.add(place, show(text), 'a duration of at most 36500d');
  return null;
}

/** Null, which is no default, for an absent one and for a mistake. */
export function defaultValue(input: DefaultInput | undefined, type: DataType, place: Place, mistakes: Mistakes): Value {
  if (input === undefined || input === null) return null;
  const value = toValue(input, type);
  if (value !== null) return value;
  mistakes.add(place, show(input), EXPECTED_DEFAULT[type] ?? `a list of ${elementType(type)}${lengthText(type)}`);
  return null;
}

const lengthText = (type: DataType): string => {
  const length = vectorLength(type);
  return length === null ? '' : `, ${length} long, without nulls`;
};

const EXPECTED_DEFAULT: Readonly<Partial<Record<DataType, string>>> = {
  bool: 'true or false, because the feature is bool',
  int32: 'an int32, because the feature is int32',
  int64: 'an int64 (a number, or its digits as text), because the feature is int64',
  float32: 'a finite number, because the feature is float32',
  float64: 'a finite number, because the feature is float64',
  string: 'a text, because the feature is string',
  timestamp: 'an RFC 3339 instant, because the feature is timestamp',
  bytes: 'bytes as base64 text, because the feature is bytes',
};

/** Null where the input is no value of the type. */
function toValue(input: DefaultInput, type: DataType): Value {
  const element = elementType(type);
  if (element !== null) return toList(input, element, vectorLength(type));
  if (type === 'bool') return typeof input === 'boolean' ? input : null;
  if (type === 'string') return typeof input === 'string' ? input : null;
  if (type === 'timestamp') return typeof input === 'string' ? parseInstant(input) : null;
  if (type === 'bytes') return toBytes(input);
  if (type === 'int32' || type === 'int64') return toInteger(input, type);
  return toFloat(input, type === 'float32');
}

function toList(input: DefaultInput, element: DataType, length: number | null): Value {
  if (!Array.isArray(input) || (length !== null && input.length !== length)) return null;
  const items: readonly DefaultInput[] = input;
  const values = items.map((item) => (item === null ? null : toValue(item, element)));
  const isSound = values.every((value, i) => value !== null || (items[i] === null && length === null));
  return isSound ? values : null;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function toBytes(input: DefaultInput): Value {
  if (input instanceof Uint8Array) return new Uint8Array(input);
  return typeof input === 'string' && BASE64.test(input) ? new Uint8Array(Buffer.from(input, 'base64')) : null;
}

function toInteger(input: DefaultInput, type: 'int32' | 'int64'): Value {
  const isText = type === 'int64' && typeof input === 'string' && /^-?\d{1,19}$/.test(input);
  const isWhole = typeof input === 'bigint' || (typeof input === 'number' && Number.isSafeInteger(input));
  if (!isText && !isWhole) return null;
  const digits = BigInt(input);
  const bits = type === 'int32' ? 32 : 64;
  if (BigInt.asIntN(bits, digits) !== digits) return null;
  return type === 'int32' ? Number(digits) : digits;
}

/** -0 reads as 0, and float32 as its shortest text, as everywhere. */
function toFloat(input: DefaultInput, isSingle: boolean): Value {
  if (typeof input !== 'number' && typeof input !== 'bigint') return null;
  const number = isSingle ? shortestFloat32(Math.fround(Number(input))) : Number(input);
  return Number.isFinite(number) ? number + 0 : null;
}
