// KeysNode → a script: the keys of a view at the instants of a grid, as a table of labels.
import { PlumbError } from '../../schemas/errors.ts';
import { byKind } from '../plan/by-kind.ts';
import type { KeysNode } from '../plan/nodes.ts';
import { rangeAtGrid } from '../plan/time-range.ts';
import { commas, type Script } from './script.ts';
import type { EngineSql } from './strategies.ts';

/** The result has the keys under their names and the instant, in the order of instants, then of keys. */
export function compileKeys({ dialect, strategies }: EngineSql, { values, timestampColumn }: KeysNode): Script {
  const { at, rows } = values;
  if (at.kind !== 'grid') throw new PlumbError('INTERNAL', 'keys must be at a grid');
  const part = { prefix: 'g', at, range: rangeAtGrid(values, at) };
  const { steps, table, strategy } = byKind(values, {
    windows: (node) => strategies.keysAtGrid.windows(node, part),
    latest_row: (node) => strategies.keysAtGrid.latest_row(node, part),
  });
  const items = [
    // A view without entities has labels without keys.
    ...rows.keys.flatMap(({ name, column }, i) => (column === null ? [] : [`k${i} AS ${dialect.ident(name)}`])),
    `${dialect.instant('t')} AS ${dialect.ident(timestampColumn)}`,
  ];
  const order = rows.keys.map(({ type }, i) => dialect.orderKey(`k${i}`, type));
  return {
    steps: [...strategies.erased([rows]), ...steps],
    result: `SELECT ${commas(items)}\nFROM ${table}\nORDER BY ${commas(['t', ...order])}`,
    strategy: [strategy],
  };
}
