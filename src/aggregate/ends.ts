// The values at the ends of a window, by row order.
import { isScalarType } from '../../schemas/types.ts';
import { rule, sameType } from './aggregate-rule.ts';

export const first = rule('any', sameType);
export const last = rule('any', sameType);

/** Newest first. */
export const lastN = rule(
  'scalar',
  (input) => (input !== null && isScalarType(input) ? `list<${input}>` : 'list<int64>'),
  { parameter: 'n', empty: [] },
);
