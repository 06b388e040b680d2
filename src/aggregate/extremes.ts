import { rule, sameType } from './aggregate-rule.ts';

export const min = rule('any', sameType);
export const max = rule('any', sameType);
