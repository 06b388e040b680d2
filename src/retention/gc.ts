// The collector of what nobody needs any more: rows past their need, generations and views that are gone, snapshots and
// datasets outside of their retention, and what writers that died left behind.
//
//   lease of gc ─▶ rows ─▶ views, each under its lease ─▶ datasets ─▶ jobs ─▶ changes and keys ─▶ leases and unfinished work
//     ─▶ events of the log
//
// Each step goes through its things in an order of its own and says after each where it is. A collection that is cut off
// or bounded leaves that behind, and the next one goes on from there. Everything it does may be done twice.
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { nowMicros } from '../instant.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { RegisteredVersions } from '../registry/registered-versions.ts';
import { GC_LEASE, type Leases } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { collectAccess } from './collect-access.ts';
import { collectDatasets } from './collect-datasets.ts';
import { collectEvents } from './collect-events.ts';
import { collectJobs } from './collect-jobs.ts';
import { collectLeftovers } from './collect-leftovers.ts';
import { collectRows } from './collect-rows.ts';
import { collectViews } from './collect-views.ts';
import type { Collector, GcProgress, GcReport, GcRequest } from './collector.ts';
import { type Cursor, readCursor, removeCursor, writeCursor } from './cursor.ts';
import type { GcContext, Step } from './gc-context.ts';
import type { RetentionPolicy } from './policy.ts';
import { Tally } from './tally.ts';

export interface CollectorOptions {
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
  readonly logs: GcContext['logs'];
  readonly policy: RetentionPolicy;
  readonly signal: AbortSignal;
  /** The wall clock, microseconds since 1970. */
  readonly now?: () => bigint;
}

const STEPS: readonly (readonly [string, Step])[] = [
  ['rows', collectRows],
  ['views', collectViews],
  ['datasets', collectDatasets],
  ['jobs', collectJobs],
  ['access', collectAccess],
  ['leftovers', collectLeftovers],
  ['events', collectEvents],
];
/** A collection that is killed does so much again. */
const SAVE_EVERY_MILLIS = 1000;

export const createCollector = (options: CollectorOptions): Collector => ({
  collect: (request, onProgress = () => {}) => collect(options, request, onProgress),
});

async function collect(
  options: CollectorOptions,
  request: GcRequest,
  onProgress: (progress: GcProgress) => void,
): Promise<GcReport> {
  const { leases, signal } = options;
  if (request.dryRun) return await pass({ ...options, assertHeld: async () => {} }, request, null, onProgress);
  await using lease = await leases.acquire(GC_LEASE, { purpose: 'collecting garbage', signal });
  const cursor = await readCursor(options.store);
  return await whileHeld([lease], signal, (held) => pass({ ...options, ...held }, request, cursor, onProgress));
}

/** From the cursor to the end, or until the budget is spent. */
async function pass(
  options: CollectorOptions & Pick<GcContext, 'assertHeld'>,
  request: GcRequest,
  cursor: Cursor | null,
  onProgress: (progress: GcProgress) => void,
): Promise<GcReport> {
  const tally = new Tally(request);
  const now = (options.now ?? nowMicros)();
  const versions = new RegisteredVersions(options.store, '');
  const version = (number: number) => versions.version(number);
  const context: GcContext = { ...options, version, dryRun: request.dryRun, nowMicros: now, tally };
  const first = Math.max(
    0,
    STEPS.findIndex(([name]) => name === cursor?.step),
  );
  const report = (complete: boolean): GcReport => ({
    dryRun: request.dryRun,
    complete,
    resumed: cursor !== null,
    removed: tally.removed,
    left: tally.left,
  });
  for (const [index, [name, step]] of STEPS.entries()) {
    if (index < first) continue;
    const places = step(context, name === cursor?.step ? cursor.after : null);
    if (!(await runStep(context, name, places, onProgress))) return report(false);
  }
  if (!request.dryRun) await removeCursor(options.store);
  return report(true);
}

/** False where it stopped before the end of the step, and left behind where. */
async function runStep(
  { store, signal, tally, dryRun }: GcContext,
  step: string,
  places: AsyncIterable<string | null>,
  onProgress: (progress: GcProgress) => void,
): Promise<boolean> {
  let savedAtMillis = performance.now();
  for await (const after of places) {
    if (signal.aborted)
      throw new PlumbError('CANCELLED', 'the collection was cancelled; the next one goes on from there');
    onProgress({ step, items: tally.items });
    const isDue = performance.now() - savedAtMillis >= SAVE_EVERY_MILLIS;
    if (!dryRun && (isDue || tally.isSpent)) {
      await writeCursor(store, { step, after });
      failpoint('gc.cursor_saved');
      savedAtMillis = performance.now();
    }
    if (tally.isSpent) return false;
  }
  return true;
}
