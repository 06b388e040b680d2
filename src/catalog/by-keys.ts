// What a map reads of a row: the key, and the input where there is a key.
import type { ByKeys } from './catalog.ts';
import type { Expression } from './expression.ts';

/** The key as text: of a string itself, of others what CAST to string writes. */
export function keyText({ input }: ByKeys): Expression {
  if (input.type === 'string') return input;
  return { ...input, type: 'string', tree: { kind: 'cast', type: 'string', arg: input.tree } };
}

/** Null in rows that have no key, whatever it would come to: they are ignored. */
export const withKey = ({ input }: ByKeys, { sql, type, tree, canFail }: Expression): Expression => ({
  sql: `${sql} by ${input.sql}`,
  type,
  tree: {
    ...{ kind: 'case', type, otherwise: null },
    branches: [{ when: { kind: 'call', name: 'is_not_null', type: 'bool', args: [input.tree] }, value: tree }],
  },
  canFail,
});
