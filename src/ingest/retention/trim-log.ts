// Removes events that are older, or more, than the project file says, and that nobody needs in the log any more: the lake has
// them, and every generation that follows the log. The lake catches up where it alone holds events back.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { nowMicros } from '../../instant.ts';
import type { EventLog, PartitionState, Removal, TrimRules } from '../event-log.ts';
import type { Lake } from '../lake/lake.ts';
import { type NeedPorts, neededByLake, neededByViews } from './needed-events.ts';

export interface LogRetention {
  readonly maxAgeMicros: bigint;
  /** Of a partition; null: there is no bound. */
  readonly maxBytes: number | null;
}

export interface TrimPorts extends NeedPorts {
  readonly log: EventLog;
  readonly lake: Pick<Lake, 'read' | 'catchUp'>;
  /** The present one. */
  catalog(): Promise<Catalog>;
  readonly retention: LogRetention;
  readonly now?: () => bigint;
}

export interface Trimmed {
  readonly source: string;
  readonly events: number;
  readonly sizeBytes: number;
  readonly deadLetters: number;
  /** Why events that are older, or more, stay; null: there are none, or `most` was reached. */
  readonly heldBy: string | null;
}

/** Of all sources of the log, until `signal` aborts. */
export async function* trimLogs(ports: TrimPorts, signal: AbortSignal): AsyncGenerator<Trimmed, void> {
  for (const source of await ports.log.sources()) {
    if (signal.aborted) return;
    yield await trimLog(ports, source);
  }
}

export async function trimLog(ports: TrimPorts, source: string, how: Removal = {}): Promise<Trimmed> {
  const { log, now = nowMicros } = ports;
  const catalog = await ports.catalog();
  const { most = Number.POSITIVE_INFINITY } = how;
  let total = { events: 0, sizeBytes: 0 };
  let heldBy: string | null = null;
  for (const partition of await log.partitions(source)) {
    const trimming = { catalog, partition, rules: rulesOf(ports.retention, now()) };
    const found = await trimPartition(ports, { ...trimming, how: { ...how, most: most - total.events } });
    total = { events: total.events + found.events, sizeBytes: total.sizeBytes + found.sizeBytes };
    heldBy ??= found.heldBy;
  }
  // Without a rule none are kept: also of a source that is not defined any more.
  const keptMicros = catalog.sources.get(source)?.stream?.deadLettersMicros ?? 0n;
  const letters = { ...how, most: most - total.events };
  const { removed } = await log.removeDeadLetters(source, now() - keptMicros, letters);
  return { source, ...total, deadLetters: removed, heldBy };
}

/** How many events are older, or more, than the project file says, needed or not. */
export async function countOutdated({ log, retention, now = nowMicros }: TrimPorts, source: string): Promise<number> {
  let count = 0;
  for (const partition of await log.partitions(source)) {
    const rules = { ...rulesOf(retention, now()), neededFrom: partition.next };
    count += (await log.trim(partition, rules, { dryRun: true })).removed;
  }
  return count;
}

interface Trimming {
  readonly catalog: Catalog;
  readonly partition: PartitionState;
  readonly rules: Omit<TrimRules, 'neededFrom'>;
  readonly how: Removal & { readonly most: number };
}

interface Pass {
  readonly events: number;
  readonly sizeBytes: number;
  readonly heldBy: string | null;
  readonly isHeldByLake: boolean;
}

const NOTHING: Pass = { events: 0, sizeBytes: 0, heldBy: null, isHeldByLake: false };

async function trimPartition(ports: TrimPorts, trimming: Trimming): Promise<Omit<Pass, 'isHeldByLake'>> {
  const { source } = trimming.partition;
  const first = await pass(ports, trimming);
  if (!first.isHeldByLake) return first;
  if (trimming.catalog.sources.get(source)?.kind !== 'stream')
    return { ...first, heldBy: `${first.heldBy}, and source ${source} is not defined any more` };
  try {
    await ports.lake.catchUp(source);
  } catch (error) {
    if (!(error instanceof PlumbError)) throw error;
    return { ...first, heldBy: error.message };
  }
  const how = { ...trimming.how, most: trimming.how.most - first.events };
  const second = await pass(ports, { ...trimming, how });
  return { ...second, events: first.events + second.events, sizeBytes: first.sizeBytes + second.sizeBytes };
}

/** With the lake as it is; a dry one takes it for caught up, where it can be. */
async function pass(ports: TrimPorts, { catalog, partition, rules, how }: Trimming): Promise<Pass> {
  const { log } = ports;
  const { source, next } = partition;
  /** Whether more than so many are older, or more, than is kept. */
  const areMoreThan = async (count: number): Promise<boolean> =>
    (await log.trim(partition, { ...rules, neededFrom: next }, { dryRun: true, most: count + 1 })).removed > count;
  if (!(await areMoreThan(0))) return NOTHING;
  const ofLake = await neededByLake(ports, partition);
  const isDry = how.dryRun === true;
  const canCatchUp = isDry && catalog.sources.get(source)?.kind === 'stream';
  const needs = [canCatchUp ? { ...ofLake, from: next } : ofLake, ...(await neededByViews(ports, catalog, partition))];
  const least = needs.reduce((least, need) => (need.from < least.from ? need : least));
  const { removed: events, sizeBytes } = await log.trim(partition, { ...rules, neededFrom: least.from }, how);
  const isHeld = events < how.most && (await areMoreThan(isDry ? events : 0));
  return {
    ...{ events, sizeBytes },
    heldBy: isHeld ? least.by : null,
    isHeldByLake: isHeld && !isDry && least === needs[0],
  };
}

const rulesOf = ({ maxAgeMicros, maxBytes }: LogRetention, nowMicros: bigint): Omit<TrimRules, 'neededFrom'> => ({
  appendedBeforeMicros: nowMicros - maxAgeMicros,
  mostBytes: maxBytes,
});
