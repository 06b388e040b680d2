// Every aggregate over the rows of one window, in plain loops: nothing is shared with the engine, which it is held against.
import { type Aggregate, isFloatType, type Value } from '../../../schemas/types.ts';
import type { AggregateFeature } from '../../catalog/catalog.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import { orderInTime, orderOfValues } from './value-order.ts';

/** A row of the window with what the aggregate reads of it, which is not null. */
export interface Term {
  readonly row: KeyRow;
  readonly value: Value;
}

/** An int64 that overflows. */
export const OVERFLOW = Symbol('overflow');

type Rule = (terms: readonly Term[], feature: AggregateFeature) => Value | typeof OVERFLOW;

const unsupported: Rule = () => null;

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
  // Definitions that have them are refused.
  approx_count_distinct: unsupported,
  approx_percentile: unsupported,
};

export const naiveAggregate: Rule = (terms, feature) => RULES[feature.aggregate](terms, feature);

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

/** Squares of greater numbers can overflow float64. */
const LARGEST = 1e150;

function variance(terms: readonly Term[], divisor: number): number | null {
  const numbers = terms.map(({ value }) => Number(value));
  if (divisor <= 0 || numbers.some((number) => Math.abs(number) > LARGEST)) return null;
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
