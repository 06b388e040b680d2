// The exact aggregates over the rows of one window, one by one.
import { compareValues, finite, isInteger, sameValue, type Value } from './values.ts';

/** One row as an aggregate sees it. */
export interface Input {
  readonly eventTime: bigint;
  readonly created: bigint | null;
  readonly value: Value;
}
/** `tolerance`: how far another engine may be off; 0 is exact, Infinity accepts anything (float64 overflow). */
export interface Aggregated {
  readonly value: Value;
  readonly tolerance: number;
}

/** An int sum beyond int64. */
export class OverflowError extends Error {}

const exact = (value: Value): Aggregated => ({ value, tolerance: 0 });

export function resultType(aggregate: string, inputType: string): string {
  if (aggregate === 'count' || aggregate === 'count_distinct') return 'int64';
  if (aggregate === 'sum') return isInteger(inputType) || inputType === 'bool' ? 'int64' : 'float64';
  if (aggregate === 'last_n') return `list<${inputType}>`;
  return ['min', 'max', 'first', 'last'].includes(aggregate) ? inputType : 'float64';
}

/** `inputs` are all rows of the window; `inputType` is undefined for a count of rows. */
export function aggregate(name: string, inputType: string | undefined, inputs: readonly Input[], n = 0): Aggregated {
  if (name === 'count' && inputType === undefined) return exact(BigInt(inputs.length));
  const newestFirst = inputs.filter((input) => input.value !== null).sort((a, b) => compareInputs(b, a));
  const values = newestFirst.map((input) => input.value);
  if (name === 'count') return exact(BigInt(values.length));
  if (name === 'count_distinct') return exact(BigInt(values.filter((v, i) => firstIndexOf(values, v) === i).length));
  if (name === 'last_n') return exact(values.slice(0, n));
  if (values.length === 0) return exact(null);
  if (name === 'last') return exact(values.at(0) ?? null);
  if (name === 'first') return exact(values.at(-1) ?? null);
  if (name === 'min') return exact(values.reduce((a, b) => (compareValues(b, a) < 0 ? b : a)));
  if (name === 'max') return exact(values.reduce((a, b) => (compareValues(b, a) > 0 ? b : a)));
  if (name === 'sum' && inputType === 'bool') return exact(BigInt(values.filter((value) => value === true).length));
  if (name === 'sum' && isInteger(inputType ?? '')) return exact(intSum(values as bigint[]));
  return numeric(name, values.map(Number));
}

/** Ties at one event time: by created time, then by value; null created lowest. */
function compareInputs(a: Input, b: Input): number {
  return (
    compareValues(a.eventTime, b.eventTime) || compareValues(a.created, b.created) || compareValues(a.value, b.value)
  );
}

const firstIndexOf = (values: readonly Value[], value: Value) => values.findIndex((other) => sameValue(other, value));

function intSum(values: readonly bigint[]): bigint {
  const sum = values.reduce((a, b) => a + b, 0n);
  if (sum !== BigInt.asIntN(64, sum)) throw new OverflowError(`int64 sum overflows: ${sum}`);
  return sum;
}

/** Sums and moments of float64, with the tolerances of the design. The sample forms of one value are null. */
function numeric(name: string, xs: readonly number[]): Aggregated {
  const n = xs.length;
  const sumTolerance = 1e-9 * floatSum(xs.map(Math.abs));
  if (name === 'sum') return within(floatSum(xs), sumTolerance);
  const mean = floatSum(xs) / n;
  if (name === 'mean') return within(mean, sumTolerance / n);

  const divisor = name.endsWith('_samp') ? n - 1 : n;
  if (divisor === 0) return exact(null);
  const variance = floatSum(xs.map((x) => (x - mean) ** 2)) / divisor;
  const tolerance = (1e-9 * floatSum(xs.map((x) => x * x))) / divisor;
  if (name.startsWith('var_')) return within(variance, tolerance);
  // |sqrt a - sqrt b| = |a - b| / (sqrt a + sqrt b), and at most sqrt |a - b|
  const deviation = Math.sqrt(variance);
  return within(deviation, Math.min(Math.sqrt(tolerance), deviation > 0 ? tolerance / deviation : Infinity));
}

/** Where terms overflow float64 the order of summing decides: anything goes. Subnormals may round in the last bit. */
function within(value: number, tolerance: number): Aggregated {
  const certain = Number.isFinite(value) && Number.isFinite(tolerance);
  return { value: finite(value), tolerance: certain ? tolerance + 1e-320 : Infinity };
}

/** Neumaier's compensated sum. */
function floatSum(xs: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const x of xs) {
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}
