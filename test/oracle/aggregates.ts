// The aggregates over the rows of one window, one by one. A record, so that a forgotten one does not compile.
import type { Aggregate } from '../../schemas/types.ts';
import { sessionValues } from './sessions.ts';
import { approxCountDistinct, approxPercentile } from './sketches.ts';
import { compareValues, finite, isFloat, isNumeric, sameValue, type Value } from './values.ts';

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

export interface OracleAggregate {
  readonly takes: (inputType: string) => boolean;
  readonly result: (inputType: string) => string;
  /** Of the values that are not null, newest first. `parameter`: its n or p. */
  readonly of: (values: readonly Value[], inputType: string, parameter: number) => Aggregated;
  readonly takesN?: boolean;
  readonly takesP?: boolean;
  /** Sessions are of the rows themselves, and have a gap. */
  readonly takesGap?: boolean;
  /** Not with an unbounded window in a continuous view. */
  readonly needsBound?: boolean;
  /** Random definitions draw it that often; default 3. */
  readonly weight?: number;
}

const exact = (value: Value): Aggregated => ({ value, tolerance: 0 });
const ofAny = (values: readonly Value[], value: Value | undefined): Aggregated =>
  exact(values.length === 0 ? null : (value ?? null));
const sameType = (type: string): string => type;
const int64 = (): string => 'int64';
const float64 = (): string => 'float64';
const isRow = (type: string): boolean => type.startsWith('struct<');
const isValue = (type: string): boolean => !isRow(type);
const isSummable = (type: string): boolean => isNumeric(type) || type === 'bool';

const session = (empty: Value, result: () => string): OracleAggregate => ({
  takes: isValue,
  result,
  takesGap: true,
  weight: 1,
  needsBound: true,
  of: () => exact(empty),
});

const variance = (isSample: boolean, isRoot: boolean): OracleAggregate => ({
  takes: isNumeric,
  result: float64,
  of: (values) => spread(values.map(Number), isSample, isRoot),
});

export const ORACLE: Readonly<Record<Aggregate, OracleAggregate>> = {
  count: { takes: isValue, result: int64, of: (values) => exact(BigInt(values.length)) },
  min: {
    takes: isValue,
    result: sameType,
    of: (values) => ofAny(values, values.toSorted(compareValues)[0]),
  },
  max: {
    takes: isValue,
    result: sameType,
    of: (values) => ofAny(values, values.toSorted(compareValues).at(-1)),
  },
  first: { takes: isValue, result: sameType, of: (values) => ofAny(values, values.at(-1)) },
  last: { takes: isValue, result: sameType, of: (values) => ofAny(values, values[0]) },
  count_distinct: {
    takes: isValue,
    result: int64,
    needsBound: true,
    of: (values) =>
      exact(BigInt(values.filter((v, i) => values.findIndex((other) => sameValue(other, v)) === i).length)),
  },
  last_n: {
    takes: (type) => !type.startsWith('list') && !isRow(type),
    result: (type) => `list<${type}>`,
    takesN: true,
    of: (values, _, n) => exact(values.slice(0, n)),
  },
  sum: {
    takes: isSummable,
    result: (type) => (isFloat(type) ? 'float64' : 'int64'),
    weight: 6,
    of: (values, type) => {
      if (values.length === 0) return exact(null);
      return isFloat(type) ? floatTotal(values.map(Number)) : exact(intSum(values));
    },
  },
  mean: {
    takes: isSummable,
    result: float64,
    of: (values) => {
      if (values.length === 0) return exact(null);
      const { value, tolerance } = total(values.map(Number));
      return within(value / values.length, tolerance / values.length);
    },
  },
  stddev_pop: variance(false, true),
  stddev_samp: variance(true, true),
  var_pop: variance(false, false),
  var_samp: variance(true, false),
  approx_count_distinct: {
    takes: isValue,
    result: int64,
    of: (values, type) => exact(approxCountDistinct(values, type)),
  },
  approx_percentile: {
    takes: isNumeric,
    result: float64,
    takesP: true,
    of: (values, _, p) => exact(approxPercentile(values.map(Number), p)),
  },
  session_count: session(0n, int64),
  session_events_mean: session(null, float64),
  session_events_max: session(null, int64),
  session_events_last: session(null, int64),
  session_seconds_mean: session(null, float64),
  session_seconds_last: session(null, float64),
  session_open_events: session(0n, int64),
  // A row is never null, though all of its columns may be.
  first_row: { takes: isRow, result: sameType, of: (values) => ofAny(values, values.at(-1)) },
  last_row: { takes: isRow, result: sameType, of: (values) => ofAny(values, values[0]) },
};

export function oracleOf(name: string): OracleAggregate {
  const found = (ORACLE as Readonly<Record<string, OracleAggregate>>)[name];
  if (found === undefined) throw new Error(`the oracle has no ${name}`);
  return found;
}

/** Of sessions: the longest time between neighbours, and the first instant behind the window. */
export interface SessionSpan {
  readonly gap: bigint;
  readonly end: bigint;
}

/**
 * `inputs` are all rows of the window; `inputType` is undefined for a count of rows and for sessions; `parameter` is the
 * aggregate's n or p, or the span of sessions.
 */
export function aggregate(
  name: string,
  inputType: string | undefined,
  inputs: readonly Input[],
  parameter: number | SessionSpan = 0,
): Aggregated {
  if (typeof parameter === 'object') {
    const times = inputs.map(({ eventTime }) => eventTime);
    return exact(sessionValues(times, parameter.gap, parameter.end)[name] ?? null);
  }
  if (inputType === undefined) return exact(BigInt(inputs.length));
  const newestFirst = inputs.filter((input) => input.value !== null).sort((a, b) => compareInputs(b, a));
  return oracleOf(name).of(
    newestFirst.map((input) => input.value),
    inputType,
    parameter,
  );
}

/** Ties at one event time: by created time, then by value; null created lowest. */
function compareInputs(a: Input, b: Input): number {
  return (
    compareValues(a.eventTime, b.eventTime) || compareValues(a.created, b.created) || compareValues(a.value, b.value)
  );
}

function intSum(values: readonly Value[]): bigint {
  const sum = values.reduce<bigint>((total, value) => total + BigInt(value as bigint | boolean), 0n);
  if (sum !== BigInt.asIntN(64, sum)) throw new OverflowError(`int64 sum overflows: ${sum}`);
  return sum;
}

/** Of float64, with the tolerance of the design. */
const total = (xs: readonly number[]): { value: number; tolerance: number } => ({
  value: floatSum(xs),
  tolerance: 1e-9 * floatSum(xs.map(Math.abs)),
});

function floatTotal(xs: readonly number[]): Aggregated {
  const { value, tolerance } = total(xs);
  return within(value, tolerance);
}

/** Moments of float64, with the tolerances of the design. The sample forms of one value are null. */
function spread(xs: readonly number[], isSample: boolean, isRoot: boolean): Aggregated {
  const divisor = isSample ? xs.length - 1 : xs.length;
  if (divisor <= 0) return exact(null);
  const mean = floatSum(xs) / xs.length;
  const value = floatSum(xs.map((x) => (x - mean) ** 2)) / divisor;
  const tolerance = (1e-9 * floatSum(xs.map((x) => x * x))) / divisor;
  if (!isRoot) return within(value, tolerance);
  // |sqrt a - sqrt b| = |a - b| / (sqrt a + sqrt b), and at most sqrt |a - b|
  const deviation = Math.sqrt(value);
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
