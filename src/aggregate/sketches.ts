import { float64, int64, rule } from './aggregate-rule.ts';

export const approxCountDistinct = rule('any', int64, { empty: 0n, isSupported: false });
export const approxPercentile = rule('numeric', float64, { parameter: 'p', isSupported: false });
