import { int64, rule } from './aggregate-rule.ts';

/** Of rows, or of the values that are not null. */
export const count = rule('optional', int64, { empty: 0n });

/** Exact: it keeps every distinct value of the window. */
export const countDistinct = rule('any', int64, { empty: 0n, needsBound: true });
