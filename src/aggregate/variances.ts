// stddev_pop, stddev_samp, var_pop, var_samp: (count, mean, M2), where M2 is the sum of squared distances from the mean.
// Merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
//
//   bytes: uvarint count; where count > 0: byte 1 if a number is beyond MOST_SQUARED, else 0, float64 mean, float64 M2
import type { Value } from '../../schemas/types.ts';
import { float64, rule } from './aggregate-rule.ts';
import { type Algebra, type Family, finite, keepAll, tiled } from './algebra.ts';

/** Squares of greater numbers can overflow float64; a variance over a window that has one is null. */
export const MOST_SQUARED = 1e150;

export interface Moments {
  count: number;
  isBeyond: boolean;
  mean: number;
  m2: number;
}

/** Of numbers up to MOST_SQUARED. Count, mean and M2 leave out what is beyond it, but the count has them. */
function mergeMoments(state: Moments, count: number, mean: number, m2: number): void {
  const all = state.count + count;
  const distance = mean - state.mean;
  state.m2 += m2 + distance * distance * ((state.count * count) / all);
  state.mean += distance * (count / all);
  state.count = all;
}

const moments: Family<Moments> = {
  kind: 'moments',
  scope: 'tile',
  trim: keepAll,
  create: () => ({ count: 0, isBeyond: false, mean: 0, m2: 0 }),
  isEmpty: ({ count }) => count === 0,
  add: (state, value: Value) => {
    const number = Number(value);
    if (Math.abs(number) > MOST_SQUARED) state.isBeyond = true;
    mergeMoments(state, 1, state.isBeyond ? 0 : number, 0);
  },
  merge: (state, { count, isBeyond, mean, m2 }) => {
    if (count === 0) return;
    state.isBeyond ||= isBeyond;
    mergeMoments(state, count, mean, m2);
  },
  write: ({ count, isBeyond, mean, m2 }, out) => {
    out.uvarint(count);
    if (count === 0) return;
    out.byte(isBeyond ? 1 : 0);
    // The value is null whatever they are.
    out.float64(isBeyond ? 0 : mean);
    out.float64(isBeyond ? 0 : m2);
  },
  read: (state, bytes) => {
    const count = bytes.uvarint();
    if (count === 0) return;
    if (bytes.byte() !== 0) state.isBeyond = true;
    mergeMoments(state, count, bytes.float64(), bytes.float64());
  },
  load: (state, [count, isBeyond, mean, m2]) => {
    if (count === null || Number(count) === 0) return;
    if (isBeyond === true) state.isBeyond = true;
    mergeMoments(state, Number(count), Number(mean ?? 0), Number(m2 ?? 0));
  },
};

/** The sample forms of one value are null. */
const spread = (isSample: boolean, isRoot: boolean): Algebra<Moments> =>
  tiled(moments, ({ count, isBeyond, m2 }) => {
    const divisor = isSample ? count - 1 : count;
    if (divisor <= 0 || isBeyond) return null;
    return finite(isRoot ? Math.sqrt(m2 / divisor) : m2 / divisor);
  });

const variance = (isSample: boolean, isRoot: boolean) => {
  const algebra = spread(isSample, isRoot);
  return rule('numeric', float64, { algebra: () => algebra });
};

export const stddevPop = variance(false, true);
export const stddevSamp = variance(true, true);
export const varPop = variance(false, false);
export const varSamp = variance(true, false);
