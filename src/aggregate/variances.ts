// stddev_pop, stddev_samp, var_pop, var_samp. The sample forms of one value are null.
import { float64, rule } from './aggregate-rule.ts';

export const variance = rule('numeric', float64);
