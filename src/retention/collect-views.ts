// Per view, under its lease: generations that are neither live nor being filled, the state of a view that is gone, and run
// folders outside of the retention. A view that somebody works on is left for the next time.
import { PlumbError } from '../../schemas/errors.ts';
import { failpoint } from '../failpoint.ts';
import { rebuildCountOf } from '../materialize/generation.ts';
import { readState } from '../materialize/publish.ts';
import { tracedViews } from '../materialize/traced-views.ts';
import type { FieldName, StoredRecord } from '../online/online-store.ts';
import { fieldName, fieldsInUse } from '../online/serving-state.ts';
import { viewLease } from '../storage/leases/lease.ts';
import { whileHeld } from '../storage/leases/while-held.ts';
import { collectRuns } from './collect-runs.ts';
import { type CollectedView, confirming } from './collected-view.ts';
import type { GcContext } from './gc-context.ts';
import { registeredViews } from './registered-views.ts';
import { removeRetired } from './remove-retired.ts';
import { runFolders, settledToken } from './run-folders.ts';

const SWEEP_RECORDS = 5000;

export async function* collectViews(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  let last = after;
  for (const view of await tracedViews(context, (await registeredViews(context)).keys())) {
    if (after !== null && view <= after) continue;
    // One that was not finished comes first the next time.
    if (await collectView(context, view)) last = view;
    yield last;
  }
}

/** False where the budget was spent before it was done. */
async function collectView(context: GcContext, view: string): Promise<boolean> {
  try {
    if (context.dryRun) return await collectUnder(context, view, async () => {});
    const { leases, signal } = context;
    await using lease = await leases.acquire(viewLease(view), { purpose: `collecting garbage of ${view}`, signal });
    return await whileHeld([lease], signal, (held) =>
      collectUnder({ ...context, signal: held.signal }, view, confirming(lease)),
    );
  } catch (error) {
    // One view that somebody works on, or that is damaged, keeps no other one from being collected.
    if (!(error instanceof PlumbError) || !LEFT_ALONE.includes(error.code)) throw error;
    context.tally.leave('view', view, 1, error.message);
    return true;
  }
}

const LEFT_ALONE: readonly string[] = ['CONFLICT', 'STORAGE_CORRUPT'];

async function collectUnder(context: GcContext, name: string, confirm: () => Promise<void>): Promise<boolean> {
  const fingerprints = (await registeredViews(context)).get(name) ?? null;
  if (fingerprints !== null) await removeRetired(context, name, confirm);
  const { bytes, state } = await readState(context.online, name);
  const view: CollectedView = { name, fingerprints, state, confirm };
  // A state that is gone tells nobody any more to read what goes next.
  if (fingerprints === null && bytes !== null) await removeState(context, view, bytes);
  return (await dropFields(context, view)) && (await collectRuns(context, view));
}

async function removeState({ online, dryRun, tally }: GcContext, { name, confirm }: CollectedView, bytes: Uint8Array) {
  await confirm();
  if (!dryRun && !(await online.removeState(name, bytes))) return;
  failpoint('gc.state_removed');
  tally.remove('serving state', name, 1, null);
}

async function dropFields(context: GcContext, view: CollectedView): Promise<boolean> {
  const { online, dryRun, tally } = context;
  const mayGoOn = tally.fromHere();
  const kept = await keptField(context, view);
  for (const field of await online.listFields()) {
    if (!field.startsWith(fieldName(view.name, '')) || kept(field)) continue;
    if (!mayGoOn()) return false;
    if (!(await emptyField(context, view, field, mayGoOn))) return false;
    await view.confirm();
    if (!dryRun) await online.dropField(field);
    failpoint('gc.field_dropped');
    tally.remove('generation', view.name, 1, null, 0);
  }
  return mayGoOn();
}

/** In bounded steps; false where the budget ended before the field did. */
async function emptyField(
  { online, dryRun, tally }: GcContext,
  { name: view, state, confirm }: CollectedView,
  field: FieldName,
  mayGoOn: () => boolean,
): Promise<boolean> {
  // Of later runs nothing is removed, should the view be somebody else's by now.
  const isFormer = ({ token }: StoredRecord): boolean => token <= state.token;
  const judgeOf = (name: FieldName) => (name === field ? isFormer : null);
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    await confirm();
    const step = await online.sweep(judgeOf, cursor, Math.min(SWEEP_RECORDS, tally.rest), dryRun);
    tally.remove('rows', view, step.removed, null);
    cursor = step.cursor;
    if (cursor !== null && !mayGoOn()) return false;
  }
  return true;
}

/** Generations that are read or filled, and the one that the last run to claim the view may still be filling. */
async function keptField({ store, policy, nowMicros }: GcContext, { name, fingerprints, state }: CollectedView) {
  if (fingerprints === null) return () => false;
  const folders = await runFolders(store, name);
  const isSettled = settledToken(folders, state.token, policy.graceMicros, nowMicros) >= state.token;
  const served = fieldsInUse(name, state);
  return (field: FieldName): boolean =>
    served.has(field) || (!isSettled && rebuildCountOf(field) === state.rebuildCount);
}
