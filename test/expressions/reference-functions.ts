// The strict functions: every argument is a value. Integers come as number (int32) or bigint, and leave as bigint.
import type { Value } from '../../schemas/types.ts';
import type { CallNode, FunctionName } from '../../src/catalog/expression.ts';
import type { Outcome } from './reference-outcome.ts';
import { datePart, dateTrunc } from './reference-time.ts';

type Fn = (args: readonly Value[], node: CallNode) => Outcome;

export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  const [x, y] = [a, b] as [number, number];
  return x < y ? -1 : x > y ? 1 : 0;
}

const compare =
  (holds: (order: number) => boolean): Fn =>
  ([a = null, b = null]) =>
    holds(compareValues(a, b));

const big = (value: Value | undefined): bigint => BigInt(value as bigint);
const float = (value: Value | undefined): number => Number(value);
const string = (value: Value | undefined): string => String(value);

const numeric =
  (ofInts: (a: bigint, b: bigint) => bigint | null, ofFloats: (a: number, b: number) => number): Fn =>
  ([a, b = 0n], { type }) =>
    type === 'int64' ? ofInts(big(a), big(b)) : ofFloats(float(a), float(b));

const floats =
  (compute: (a: number, b: number) => number): Fn =>
  ([a, b]) =>
    compute(float(a), float(b));

/** Half away from zero. */
const roundHalf = (x: number): number => Math.trunc(x) + (Math.abs(x - Math.trunc(x)) >= 0.5 ? Math.sign(x) : 0);

function roundTo(x: number, digits: number): number {
  const rounded = roundHalf(x * 10 ** digits) / 10 ** digits;
  return Number.isFinite(rounded) ? rounded : x;
}

const ascii =
  (from: RegExp, convert: (letter: string) => string): Fn =>
  ([text]) =>
    string(text).replaceAll(from, convert);

const substr: Fn = ([text, start, length]) => {
  const from = Math.max(Number(start), 1) - 1;
  const characters = [...string(text)].slice(from);
  return (length === undefined ? characters : characters.slice(0, Math.max(Number(length), 0))).join('');
};

const unused: Fn = () => {
  throw new Error('not strict: reference.ts computes it');
};

export const FUNCTIONS: Readonly<Record<FunctionName, Fn>> = {
  '+': numeric(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  '-': numeric(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  '*': numeric(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  '/': floats((a, b) => a / b),
  '%': numeric(
    (a, b) => (b === 0n ? null : a % b),
    (a, b) => a % b,
  ),
  negate: numeric(
    (a) => -a,
    (a) => -a,
  ),
  '=': compare((order) => order === 0),
  '<>': compare((order) => order !== 0),
  '<': compare((order) => order < 0),
  '<=': compare((order) => order <= 0),
  '>': compare((order) => order > 0),
  '>=': compare((order) => order >= 0),
  between: unused,
  and: unused,
  or: unused,
  not: ([arg]) => arg !== true,
  is_null: unused,
  is_not_null: unused,
  coalesce: unused,
  nullif: unused,
  abs: numeric((a) => (a < 0n ? -a : a), Math.abs),
  sign: ([arg]) => BigInt(compareValues(arg as Value, 0)),
  round: numeric(
    (a) => a,
    (x, digits) => roundTo(x, Number(digits)),
  ),
  floor: numeric((a) => a, Math.floor),
  ceil: numeric((a) => a, Math.ceil),
  least: unused,
  greatest: unused,
  sqrt: floats(Math.sqrt),
  ln: floats((x) => (x > 0 ? Math.log(x) : Number.NaN)),
  log2: floats((x) => (x > 0 ? Math.log2(x) : Number.NaN)),
  log10: floats((x) => (x > 0 ? Math.log10(x) : Number.NaN)),
  exp: floats(Math.exp),
  pow: floats((x, y) => x ** y),
  length: ([text]) => BigInt([...string(text)].length),
  lower: ascii(/[A-Z]/g, (letter) => letter.toLowerCase()),
  upper: ascii(/[a-z]/g, (letter) => letter.toUpperCase()),
  trim: ([text]) => string(text).replace(/^ +/, '').replace(/ +$/, ''),
  substr,
  concat: unused,
  '||': ([a, b]) => string(a) + string(b),
  starts_with: ([a, b]) => string(a).startsWith(string(b)),
  contains: ([a, b]) => string(a).includes(string(b)),
  date_trunc: ([part, micros]) => dateTrunc(string(part), big(micros)),
  date_part: ([part, micros]) => datePart(string(part), big(micros)),
  epoch: ([micros]) => Number(micros) / 1e6,
};
