import { isFloatType } from '../../schemas/types.ts';
import { float64, rule } from './aggregate-rule.ts';

/** Of integers wider than int64 until the end. */
export const sum = rule('summable', (input) => (input !== null && isFloatType(input) ? 'float64' : 'int64'), {
  canOverflow: (result) => result === 'int64',
});

export const mean = rule('summable', float64);
