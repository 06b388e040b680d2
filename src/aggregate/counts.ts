// How many rows, or values that are not null.
//
//   state: the count          bytes: uvarint

import { int64, rule } from './aggregate-rule.ts';
import { type Algebra, type Family, keepAll, tiled } from './algebra.ts';

export interface Counted {
  count: number;
}

const counted: Family<Counted> = {
  kind: 'count',
  scope: 'tile',
  trim: keepAll,
  create: () => ({ count: 0 }),
  isEmpty: ({ count }) => count === 0,
  add: (state) => {
    state.count += 1;
  },
  merge: (state, { count }) => {
    state.count += count;
  },
  write: ({ count }, out) => out.uvarint(count),
  read: (state, bytes) => {
    state.count += bytes.uvarint();
  },
  load: (state, [count]) => {
    state.count += Number(count ?? 0);
  },
};

export const counts: Algebra<Counted> = tiled(counted, ({ count }) => BigInt(count));

/** Of rows, or of the values that are not null. */
export const count = rule('optional', int64, { empty: 0n, algebra: () => counts });
