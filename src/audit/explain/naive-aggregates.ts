// Every aggregate over the rows of one window, in plain loops: nothing is shared with the engine, which it is held against.
import { type Aggregate, isFloatType, type SessionAggregate, type Value } from '../../../schemas/types.ts';
import { AGGREGATE_RULES } from '../../aggregate/aggregate-rules.ts';
import { INVALID } from '../../aggregate/algebra.ts';
import { orderInTime, orderOfValues } from '../../aggregate/value-order.ts';
import { MOST_SQUARED } from '../../aggregate/variances.ts';
import type { AggregateFeature } from '../../catalog/catalog.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import { naiveSessions } from './naive-sessions.ts';

/** A row of the window with what the aggregate reads of it, which is not null. */
export interface Term {
  readonly row: KeyRow;
  readonly value: Value;
}

/** An int64 that overflows. */
export const OVERFLOW = Symbol('overflow');

/** `endMicros`: the first instant behind the window. */
type Rule = (terms: readonly Term[], feature: AggregateFeature, endMicros: bigint) => Value | typeof OVERFLOW;

const session =
  (of: SessionAggregate): Rule =>
  (terms, { gapMicros = 0n }, endMicros) =>
    naiveSessions(
      terms.map(({ row }) => row.eventMicros),
      { gapMicros, endMicros },
    )[of];

/** A sketch is a function of its values alone, whoever adds them. */
const sketch: Rule = (terms, { aggregate, input, p }) => {
  const { family, finalize } = AGGREGATE_RULES[aggregate].algebra({
    ...{ type: input?.type ?? 'int64', n: null, p, hopMicros: null },
  });
  const state = family.create();
  for (const { row, value } of terms) family.add(state, value, { ...row, position: null, by: null });
  const outcome = finalize(state, { startMicros: null, endMicros: 0n });
  return outcome === INVALID ? null : outcome;
};

const RULES: Readonly<Record<Aggregate, Rule>> = {
  count: (terms) => BigInt(terms.length),
  sum,
  mean: (terms, feature) => (terms.length === 0 ? null : finite(total(terms, feature) / terms.length)),
  stddev_pop: (terms) => root(variance(terms, terms.length)),
  stddev_samp: (terms) => root(variance(terms, terms.length - 1)),
  var_pop: (terms) => variance(terms, terms.length),
  var_samp: (terms) => variance(terms, terms.length - 1),
  min: (terms) => valuesOf(terms).toSorted(orderOfValues)[0] ?? null,
  max: (terms) => valuesOf(terms).toSorted(orderOfValues).at(-1) ?? null,
  first: (terms) => inRowOrder(terms)[0]?.value ?? null,
  last: (terms) => inRowOrder(terms).at(-1)?.value ?? null,
  last_n: (terms, { n }) => valuesOf(inRowOrder(terms).toReversed()).slice(0, n ?? 0),
  count_distinct: (terms) => distinct(valuesOf(terms)),
  approx_count_distinct: sketch,
  approx_percentile: sketch,
  session_count: session('session_count'),
  session_events_mean: session('session_events_mean'),
  session_events_max: session('session_events_max'),
  session_events_last: session('session_events_last'),
  session_seconds_mean: session('session_seconds_mean'),
  session_seconds_last: session('session_seconds_last'),
  session_open_events: session('session_open_events'),
  first_row: (terms) => inRowOrder(terms)[0]?.value ?? null,
  last_row: (terms) => inRowOrder(terms).at(-1)?.value ?? null,
};

export const naiveAggregate: Rule = (terms, feature, endMicros) => RULES[feature.aggregate](terms, feature, endMicros);

const valuesOf = (terms: readonly Term[]): Value[] => terms.map(({ value }) => value);

/** The aggregate's own input is what breaks ties. */
const inRowOrder = (terms: readonly Term[]): readonly Term[] =>
  terms.toSorted((a, b) => orderInTime(a.row, b.row) || orderOfValues(a.value, b.value));

function sum(terms: readonly Term[], feature: AggregateFeature): Value | typeof OVERFLOW {
  if (terms.length === 0) return null;
  if (isFloatType(feature.input?.type ?? 'int64')) return finite(total(terms, feature));
  const exact = integers(terms);
  return BigInt.asIntN(64, exact) === exact ? exact : OVERFLOW;
}

const total = (terms: readonly Term[], { input }: AggregateFeature): number =>
  isFloatType(input?.type ?? 'int64')
    ? terms.reduce((all, { value }) => all + Number(value), 0)
    : Number(integers(terms));

const integers = (terms: readonly Term[]): bigint =>
  terms.reduce((all, { value }) => all + BigInt(value as number | bigint | boolean), 0n);

function variance(terms: readonly Term[], divisor: number): number | null {
  const numbers = terms.map(({ value }) => Number(value));
  if (divisor <= 0 || numbers.some((number) => Math.abs(number) > MOST_SQUARED)) return null;
  const mean = numbers.reduce((all, number) => all + number / numbers.length, 0);
  return finite(numbers.reduce((all, number) => all + (number - mean) ** 2, 0) / divisor);
}

const root = (number: number | null): number | null => (number === null ? null : Math.sqrt(number));

/** -0 is 0. */
const finite = (number: number): number | null => (Number.isFinite(number) ? number + 0 : null);

function distinct(values: readonly Value[]): bigint {
  const sorted = values.toSorted(orderOfValues);
  return BigInt(sorted.filter((value, i) => i === 0 || orderOfValues(value, sorted[i - 1] ?? null) !== 0).length);
}
