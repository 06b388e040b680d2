// MaterializationNode → a script. The engine computes the values at the boundary; what a run writes of them is the same
// everywhere.
import { PlumbError } from '../../schemas/errors.ts';
import { byKind } from '../plan/by-kind.ts';
import type { MaterializationNode, ValuesNode } from '../plan/nodes.ts';
import { canBeInvalid } from '../plan/nodes.ts';
import { rangeAtBoundary } from '../plan/time-range.ts';
import type { Dialect } from './dialect.ts';
import { keyNames } from './rows.ts';
import type { Fragment, Script } from './script.ts';
import { commas } from './script.ts';
import { CREATED_TIME, DELETED, EVENT_TIME, INVALID, isDeleting, type StoredParts } from './stored-parts.ts';
import type { EngineSql } from './strategies.ts';

export interface MaterializationScript extends Script {
  /** SELECT of the keys that are gone, where `from` is the table of the result; null: none are wanted, or there are none. */
  gone(from: string): string | null;
}

/** Rows come in the order of their keys, which online stores load fastest. The columns are those of stored-parts.ts. */
export function compileMaterialization(
  engine: EngineSql,
  plan: MaterializationNode,
  stored: StoredParts | null,
): MaterializationScript {
  const { values, tombstones } = plan;
  const fragment = partAtBoundary(engine, plan, stored);
  const items = resultItems(engine.dialect, values);
  return {
    steps: [...engine.strategies.erased([values.rows]), ...fragment.steps],
    result: `SELECT ${items.join(',\n  ')}\nFROM ${fragment.table}\nORDER BY ${commas(keyNames(values.rows))}`,
    strategy: [fragment.strategy],
    gone: (from) =>
      tombstones && stored !== null ? engine.strategies.goneKeys(values.rows.keys, stored.keys, from) : null,
  };
}

function partAtBoundary(
  { strategies }: EngineSql,
  { values, increment }: MaterializationNode,
  stored: StoredParts | null,
): Fragment {
  const { at } = values;
  if (at.kind !== 'boundary') throw new PlumbError('INTERNAL', 'the values of a run must be at a boundary');
  const part = { prefix: 'm', at, range: rangeAtBoundary(values, at.effectiveMicros) };
  // Where late rows can be older than those that earlier runs wrote: with a created time.
  const needed = increment !== null && increment.createdMicros !== null ? (stored?.rows ?? null) : null;
  return byKind(values, {
    windows: (node) => strategies.atBoundary.windows(node, part),
    latest_row: (node) => strategies.atBoundary.latest_row(node, part, { increment, stored: needed }),
  });
}

function resultItems(dialect: Dialect, values: ValuesNode): readonly string[] {
  const invalid = values.features.flatMap(({ name }, i) =>
    canBeInvalid(values, name) ? [`CASE WHEN i${i} THEN ${dialect.text(name)} END`] : [],
  );
  return [
    ...values.rows.keys.map(({ name }, i) => `k${i} AS ${dialect.ident(name)}`),
    `${dialect.instant('row_ts')} AS ${EVENT_TIME}`,
    `${dialect.instant(values.kind === 'windows' ? 'NULL' : 'created')} AS ${CREATED_TIME}`,
    ...values.features.map(({ name }, i) => `v${i} AS ${dialect.ident(name)}`),
    ...(isDeleting(values) ? [`deleted AS ${DELETED}`] : []),
    `${invalid.length === 0 ? dialect.literal(null, 'list<string>') : dialect.nonNullList(invalid)} AS ${INVALID}`,
  ];
}
