// One view: what it has online and in its runs, under its lease and that of collections and backups.
import type { ErasedView } from '../../schemas/wire-types.ts';
import { failpoint } from '../failpoint.ts';
import { tracedViews } from '../materialize/traced-views.ts';
import { GC_LEASE, viewLease } from '../storage/leases/lease.ts';
import { eraseOnline, fenceView } from './erase-online.ts';
import type { Erasing } from './erasing.ts';
import { sumOf } from './rewrite-parts.ts';
import { underLeases } from './under-leases.ts';
import { cleanRun, hasUnfinishedRun, holdingRuns, removeUnnamedParts } from './view-runs.ts';

/** Views of the definitions, of the online store and of the storage: those that are gone may hold keys still. */
export const viewNames = (erasing: Erasing): Promise<readonly string[]> =>
  tracedViews(erasing, erasing.catalog.views.keys());

/** Counts, or removes what is online without waiting for anybody. */
export const eraseOnlineAtOnce = async (erasing: Erasing, view: string): Promise<number> =>
  eraseOnline(erasing, { view, runs: await holdingRuns(erasing, view) });

export async function countInView(erasing: Erasing, view: string): Promise<ErasedView> {
  const runs = await holdingRuns(erasing, view);
  return await erasedView(erasing, { view, runs, online: await eraseOnline(erasing, { view, runs }) });
}

export async function eraseView(erasing: Erasing, view: string): Promise<ErasedView> {
  // Of a view that never was of the entity nothing is touched; one that has no run yet may be about to get its first.
  const isOfEntity = erasing.catalog.views.get(view)?.entities.includes(erasing.erasure.entity) === true;
  const mayHold =
    isOfEntity || (await hasUnfinishedRun(erasing, view)) || (await holdingRuns(erasing, view)).length > 0;
  if (!mayHold) return { view, online: 0, runs: 0, parts: 0, rows: 0, bytes: 0 };
  const wanted = { names: [GC_LEASE, viewLease(view)], purpose: `erasing keys from ${view}` };
  return await underLeases(erasing, wanted, async (held) => {
    const runs = await holdingRuns(held, view);
    const token = await fenceView(held, view);
    failpoint('erasure.fenced');
    // Before the parts: of a view of several entities they tell which keys there are.
    const online = token === undefined ? 0 : await eraseOnline(held, { view, runs }, token);
    const erased = await erasedView(held, { view, runs, online });
    await removeUnnamedParts(held, view);
    return erased;
  });
}

async function erasedView(
  erasing: Erasing,
  { view, runs, online }: Parameters<typeof eraseOnline>[1] & { readonly online: number },
): Promise<ErasedView> {
  const cleaned = [];
  for (const run of runs) cleaned.push(await cleanRun(erasing, run));
  const touched = cleaned.filter(({ parts }) => parts > 0);
  return { view, online, runs: touched.length, ...sumOf(touched) };
}
