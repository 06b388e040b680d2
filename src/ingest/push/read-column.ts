// A JSON value of a column → its JSON text in one form, or why it is no value of the column's type.
import { type DataType, elementType, vectorLength } from '../../../schemas/types.ts';
import { INT32, INT64 } from '../../catalog/expression-ranges.ts';
import { formatInstant, parseInstant } from '../../instant.ts';
import type { Json } from '../../json-value.ts';
import { quote, quoteInteger } from '../../quote.ts';

export interface ColumnProblem {
  readonly code: 'WRONG_TYPE' | 'OUT_OF_RANGE';
  readonly message: string;
}

/** Never called with null. */
export type ColumnReader = (value: Json) => string | ColumnProblem;

const RANGES = { int32: INT32, int64: INT64 } as const;
const MAX_FLOAT32 = 3.4028234663852886e38;
const INTEGER = /^-?(0|[1-9]\d{0,18})$/;
const FIRST_MICROS = parseInstant('0001-01-01T00:00:00Z') as bigint;
const LAST_MICROS = parseInstant('9999-12-31T23:59:59.999999Z') as bigint;

const SCALARS: Readonly<Record<string, ColumnReader>> = {
  bool: (value) => (typeof value === 'boolean' ? String(value) : wrong(value, 'true or false')),
  int32: (value) => integer(value, 'int32'),
  int64: (value) => integer(value, 'int64'),
  float32: (value) => float(value, MAX_FLOAT32),
  float64: (value) => float(value, Number.MAX_VALUE),
  string: (value) => (isText(value) ? JSON.stringify(value) : wrong(value, 'text')),
  timestamp: instant,
  bytes: (value) => (isBase64(value) ? `"${value}"` : wrong(value, 'text in base64')),
};

export function columnReader(type: DataType): ColumnReader {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  const size = vectorLength(type);
  const element = SCALARS[elementType(type) ?? ''];
  if (element === undefined) throw new Error(`a column of type ${type}`);
  return (value) => {
    if (!Array.isArray(value)) return wrong(value, size === null ? 'a list' : `a list of ${size} numbers`);
    if (size !== null && value.length !== size)
      return { code: 'OUT_OF_RANGE', message: `found ${value.length} numbers, expected ${size}` };
    return itemsOf(value, element, size === null);
  };
}

function itemsOf(value: readonly Json[], element: ColumnReader, mayBeNull: boolean): string | ColumnProblem {
  const texts: string[] = [];
  for (const [i, item] of value.entries()) {
    const text = item === null && mayBeNull ? 'null' : element(item);
    if (typeof text !== 'string') return { ...text, message: `item ${i}: ${text.message}` };
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

function instant(value: Json): string | ColumnProblem {
  const micros = typeof value === 'string' ? parseInstant(value) : null;
  if (micros === null) return wrong(value, 'an RFC 3339 instant such as 2026-01-08T00:00:00Z');
  if (isInYears(micros)) return `"${formatInstant(micros)}"`;
  return { code: 'OUT_OF_RANGE', message: `found ${describe(value)}, expected an instant of the years 1 to 9999` };
}

/** What text in the log, and every engine, can say. */
export const isInYears = (micros: bigint): boolean => micros >= FIRST_MICROS && micros <= LAST_MICROS;

/** In the one form that the bytes have. */
const isBase64 = (value: Json): value is string =>
  typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;

/** Text that UTF-8 can hold. */
const isText = (value: Json): value is string => typeof value === 'string' && value.isWellFormed();

function integer(value: Json, type: keyof typeof RANGES): string | ColumnProblem {
  const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!isInteger && !(typeof value === 'string' && INTEGER.test(value))) return wrong(value, `an integer (${type})`);
  const whole = BigInt(value as number | bigint | string);
  const { min, max } = RANGES[type];
  if (whole >= min && whole <= max) return String(whole);
  return { code: 'OUT_OF_RANGE', message: `found ${quoteInteger(whole)}, expected an integer of ${type}` };
}

function float(value: Json, most: number): string | ColumnProblem {
  if (typeof value !== 'number' && typeof value !== 'bigint') return wrong(value, 'a number');
  const number = Number(value);
  if (Math.abs(number) <= most) return JSON.stringify(number);
  return { code: 'OUT_OF_RANGE', message: `found ${describe(value)}, expected at most ${most}` };
}

const wrong = (value: Json, expected: string): ColumnProblem => ({
  code: 'WRONG_TYPE',
  message: `found ${describe(value)}, expected ${expected}`,
});

function describe(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'bigint') return quoteInteger(value);
  return typeof value === 'string' ? quote(value) : String(value);
}
