// What an aggregate reads of a row. Every aggregate ignores the rows whose input is null, so a `where` of its own, or
// the `by` of a map, is an input that is null where the condition is not true, or where there is no key: features that differ in it share scan, join and frames.

import { withKey } from '../catalog/by-keys.ts';
import type { AggregateFeature } from '../catalog/catalog.ts';
import type { Expression } from '../catalog/expression.ts';

/** Of a feature without an input, of the rows that pass its `where`. */
const EVERY_ROW: Expression = {
  ...{ sql: 'true', type: 'bool', canFail: false },
  tree: { kind: 'literal', type: 'bool', value: true },
};

/** Null where rows are read as they are. */
export function conditionalInput({ input, where, by }: Read): Expression | null {
  const read = where === undefined ? input : inputWhere(input, where);
  return by === undefined ? read : withKey(by, read ?? EVERY_ROW);
}

type Read = Pick<AggregateFeature, 'input' | 'where' | 'by'>;

function inputWhere(input: Expression | null, where: Expression): Expression {
  const { sql, type, tree, canFail } = input ?? EVERY_ROW;
  return {
    sql: `${sql} where ${where.sql}`,
    type,
    tree: { kind: 'case', type, branches: [{ when: where.tree, value: tree }], otherwise: null },
    canFail: canFail || where.canFail,
  };
}
