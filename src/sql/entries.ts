// EntriesNode → a script: what entries are made of, and what a run writes of them.
import type { EntriesNode } from '../plan/entries-node.ts';
import { keyNames } from './rows.ts';
import { commas, type Script } from './script.ts';
import { CREATED_TIME, ENTRY, EVENT_TIME } from './stored-parts.ts';
import type { EngineSql, EntriesFragment } from './strategies.ts';

export interface EntriesScript extends Script {
  readonly fragment: EntriesFragment;
  /** As of MaterializationScript. */
  gone(from: string): string | null;
}

/** The result is there once every key has its entry in the fragment's target. `storedKeys`: as in StoredParts; null: none. */
export function compileEntries(
  { dialect, strategies }: EngineSql,
  plan: EntriesNode,
  storedKeys: string | null,
): EntriesScript {
  const fragment = strategies.entries(plan);
  const { rows } = plan;
  const items = [
    ...rows.keys.map(({ name }, i) => `k${i} AS ${dialect.ident(name)}`),
    `${dialect.instant('newest')} AS ${EVENT_TIME}`,
    `${dialect.instant('NULL')} AS ${CREATED_TIME}`,
    `entry AS ${ENTRY}`,
  ];
  return {
    steps: [...strategies.erased([rows]), ...fragment.steps],
    result: `SELECT ${commas(items)}\nFROM ${fragment.outcome}\nORDER BY ${commas(keyNames(rows))}`,
    strategy: [fragment.strategy],
    fragment,
    gone: (from) => (storedKeys === null ? null : strategies.goneKeys(rows.keys, storedKeys, from)),
  };
}
