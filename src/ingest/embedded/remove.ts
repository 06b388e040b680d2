// Removes events and rejected events from an embedded log, a few at a time: others wait for a transaction.
import type { Removal, TrimRules } from '../event-log.ts';
import * as layout from './log-layout.ts';
import type { LogDatabase } from './open-log.ts';

/** Of one transaction. */
const MOST_AT_ONCE = 5_000;

export interface Removed {
  readonly removed: number;
  /** Of events. */
  readonly sizeBytes: number;
}

/** Removes at most `most`; fewer only where there are no more. A dry one goes on behind those that it has counted. */
export type RemovalStep = (database: LogDatabase, most: number) => Removed;

/** `run`: a step, in a transaction where it is not dry. */
export async function inSteps(
  step: RemovalStep,
  run: (step: (database: LogDatabase) => Removed) => Promise<Removed>,
  { most = Number.POSITIVE_INFINITY }: Removal,
): Promise<Removed> {
  let [removed, sizeBytes] = [0, 0];
  while (removed < most) {
    const atMost = Math.min(MOST_AT_ONCE, most - removed);
    const done = await run((database) => step(database, atMost));
    removed += done.removed;
    sizeBytes += done.sizeBytes;
    if (done.removed < atMost) break;
  }
  return { removed, sizeBytes };
}

export function eventRemoval(source: string, rules: TrimRules, { dryRun = false }: Removal): RemovalStep {
  let counted: layout.SourceState | null = null;
  return (database, most) => {
    const state = counted ?? layout.decodeState(database.get(layout.sourceKey(source)));
    const { keys, left } = oldestThatMayGo(database, { source, rules, state, most });
    if (dryRun) counted = left;
    else if (keys.length > 0) {
      for (const key of keys) database.removeSync(key);
      database.putSync(layout.sourceKey(source), layout.encodeState(left));
    }
    return { removed: keys.length, sizeBytes: state.sizeBytes - left.sizeBytes };
  };
}

interface Trimming {
  readonly source: string;
  readonly rules: TrimRules;
  readonly state: layout.SourceState;
  readonly most: number;
}

/** Keys of events, and the state of the source without them. */
function oldestThatMayGo(database: LogDatabase, { source, rules, state, most }: Trimming) {
  const { appendedBeforeMicros, mostBytes, neededFrom } = rules;
  const keys: Buffer[] = [];
  let { first, sizeBytes } = state;
  const range = { ...layout.eventRange(source), start: layout.eventKey(source, first), limit: most };
  for (const { key, value } of database.getRange(range)) {
    const { offset, appendMicros } = layout.decodeEvent(value, layout.offsetOfKey(key));
    const isOld = appendedBeforeMicros !== null && appendMicros < appendedBeforeMicros;
    const isTooMuch = mostBytes !== null && sizeBytes > mostBytes;
    if (offset >= neededFrom || !(isOld || isTooMuch)) break;
    keys.push(key);
    sizeBytes -= value.length;
    first = offset + 1n;
  }
  return { keys, left: { ...state, first, sizeBytes } };
}

export function deadLetterRemoval(range: layout.KeyRange, { dryRun = false }: Removal): RemovalStep {
  let { start } = range;
  return (database, most) => {
    const keys = [...database.getKeys({ ...range, start, limit: most })];
    const last = keys.at(-1);
    if (!dryRun) for (const key of keys) database.removeSync(key);
    else if (last !== undefined) start = Buffer.concat([last, Buffer.of(0)]);
    return { removed: keys.length, sizeBytes: 0 };
  };
}
