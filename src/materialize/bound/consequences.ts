// What definitions mean for training sets that are bound: which former ones go on being run, of how many rows, and what they lack.
import type { Catalog } from '../../catalog/catalog.ts';
import { type RunManifest, readRunManifest } from '../../offline/manifest-run.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { RunHistory } from '../run-history.ts';
import { type BoundSetsPorts, type BoundView, readBoundViews } from './bound-sets.ts';
import { isDefinedAsLearned } from './needs.ts';
import { lackingIn, type SourceLooks } from './source-fit.ts';

export interface HeldDefinition {
  readonly view: string;
  /** `churn@12`. */
  readonly boundTo: readonly string[];
  /** About as many as the online store holds besides; null where no run of it is known. */
  readonly rows: number | null;
  /** What its source has not any more, in sentences: its runs will fail. */
  readonly lacking: readonly string[];
}

export interface ConsequencePorts extends BoundSetsPorts {
  readonly store: ObjectStore;
  readonly looks: () => Promise<SourceLooks>;
}

/** Former definitions that `catalog` leaves to bound training sets, by view. */
export async function consequencesOf(ports: ConsequencePorts, catalog: Catalog): Promise<readonly HeldDefinition[]> {
  const bound = [...(await readBoundViews(ports)).values()].flat();
  const former = bound.filter((one) => {
    const view = catalog.views.get(one.view.name);
    return view === undefined || !isDefinedAsLearned(view, one);
  });
  const byDefinition = Map.groupBy(former, ({ view }) => `${view.name} ${view.fingerprint}`);
  return await Promise.all([...byDefinition.values()].map((sets) => heldOf(ports, sets)));
}

async function heldOf(ports: ConsequencePorts, sets: readonly BoundView[]): Promise<HeldDefinition> {
  const [one] = sets as readonly [BoundView];
  const { name, fingerprint } = one.view;
  const newest = await new RunHistory(ports.store, name).newestManifest(fingerprint);
  const base = newest === null ? null : await baseOf(ports.store, newest);
  const lacking = await lackingIn(await ports.looks(), one);
  return { view: name, boundTo: sets.map(({ set }) => set), rows: base?.rows ?? null, lacking };
}

/** The run of a chain that has every key. */
const baseOf = (store: ObjectStore, { view, chain }: RunManifest): Promise<RunManifest | null> =>
  readRunManifest(store, view, chain[0] ?? '');
