// sum and mean: a total with how many values it has. Totals of integers (and of bool, as 0 and 1) are exact and wider than
// int64; those of floats are added up in the order in which they come, never taken apart again.
//
//   bytes: uvarint count, then the total: varint of integers, float64 of floats; both are there where count > 0
import { isFloatType, type Value } from '../../schemas/types.ts';
import { float64, rule } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, finite, int64OrInvalid, keepAll, tiled } from './algebra.ts';

export interface Total<T extends bigint | number> {
  count: number;
  total: T;
}

const whole: Family<Total<bigint>> = {
  kind: 'total',
  scope: 'tile',
  trim: keepAll,
  create: () => ({ count: 0, total: 0n }),
  isEmpty: ({ count }) => count === 0,
  add: (state, value) => {
    state.count += 1;
    state.total += BigInt(value as number | bigint | boolean);
  },
  merge: (state, { count, total }) => {
    state.count += count;
    state.total += total;
  },
  write: ({ count, total }, out) => {
    out.uvarint(count);
    if (count > 0) out.varint(total);
  },
  read: (state, bytes) => {
    const count = bytes.uvarint();
    if (count === 0) return;
    state.count += count;
    state.total += bytes.varint();
  },
  // Digits, because the engine's files have no wider integers than int64.
  load: (state, [count, total]) => {
    state.count += Number(count ?? 0);
    state.total += BigInt((total ?? 0) as string | bigint);
  },
};

const floating: Family<Total<number>> = {
  kind: 'total',
  scope: 'tile',
  trim: keepAll,
  create: () => ({ count: 0, total: 0 }),
  isEmpty: ({ count }) => count === 0,
  add: (state, value: Value) => {
    state.count += 1;
    state.total += value as number;
  },
  merge: (state, { count, total }) => {
    state.count += count;
    state.total += total;
  },
  write: ({ count, total }, out) => {
    out.uvarint(count);
    if (count > 0) out.float64(total);
  },
  read: (state, bytes) => {
    const count = bytes.uvarint();
    if (count === 0) return;
    state.count += count;
    state.total += bytes.float64();
  },
  load: (state, [count, total]) => {
    state.count += Number(count ?? 0);
    state.total += Number(total ?? 0);
  },
};

const sums = ({ type }: AlgebraInput): Algebra<Total<number>> | Algebra<Total<bigint>> =>
  isFloatType(type)
    ? tiled(floating, ({ count, total }) => (count === 0 ? null : finite(total)))
    : tiled(whole, ({ count, total }) => (count === 0 ? null : int64OrInvalid(total)));

const means = ({ type }: AlgebraInput): Algebra<Total<number>> | Algebra<Total<bigint>> =>
  isFloatType(type)
    ? tiled(floating, ({ count, total }) => (count === 0 ? null : finite(total / count)))
    : tiled(whole, ({ count, total }) => (count === 0 ? null : Number(total) / count));

/** Of integers wider than int64 until the end. */
export const sum = rule('summable', (input) => (input !== null && isFloatType(input) ? 'float64' : 'int64'), {
  canOverflow: (result) => result === 'int64',
  algebra: sums,
});

export const mean = rule('summable', float64, { algebra: means });
