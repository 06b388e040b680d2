// Generations that bound training sets need, as storage and online store have them now.
import { PlumbError } from '../../../schemas/errors.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { nowMicros } from '../../instant.ts';
import { readRunManifest } from '../../offline/manifest-run.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { generationsOf, type LiveGeneration, type ServingState } from '../../online/serving-state.ts';
import { encodeServingState } from '../../online/serving-state-codec.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { readState } from '../publish.ts';
import { type BoundView, readBoundViews } from './bound-sets.ts';
import { type Need, needsOf, settled } from './needs.ts';

export interface BoundPorts {
  readonly store: ObjectStore;
  readonly catalog: () => Promise<Catalog>;
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
}

/** How a generation's rows are computed. */
export type Definition = Pick<BoundView, 'catalog' | 'view'>;

/** Names of views that bound training sets need, in ascending order; they may be defined no more. */
export const boundViewNames = async (ports: BoundPorts): Promise<readonly string[]> =>
  [...(await readBoundViews(ports)).keys()].toSorted();

export async function needsOfView(ports: BoundPorts, view: string, state: ServingState): Promise<readonly Need[]> {
  const bound = (await readBoundViews(ports)).get(view) ?? [];
  if (bound.length === 0) return [];
  const catalog = await ports.catalog();
  return needsOf(bound, { catalog, view: catalog.views.get(view) }, state);
}

/** The state in which exactly what marks ask for is held: read before a state is written, so that a later mark finds that one. */
export const settle = async (ports: BoundPorts, view: string, state: ServingState): Promise<ServingState> =>
  settled(state, await needsOfView(ports, view, state), nowMicros());

/** Of a set that needs it, or by which its last run computed. */
export async function definitionOf(
  { store, version }: Pick<BoundPorts, 'store' | 'version'>,
  view: string,
  { generation, definition, sets }: Need,
): Promise<Definition> {
  if (definition !== null) return { catalog: definition.catalog, view: definition.view };
  const { run, fingerprint } = generation as LiveGeneration;
  const manifest = await readRunManifest(store, view, run);
  const catalog = manifest === null ? null : await version(manifest.registryVersion);
  const found = catalog?.views.get(view);
  if (catalog !== null && found?.fingerprint === fingerprint && found.kind !== 'label') return { catalog, view: found };
  const message = `the generation of ${view} that is held for ${sets.join(', ')} does not say any more by what definition it was filled: its run ${run} lost its manifest`;
  throw new PlumbError('STORAGE_CORRUPT', message, { details: { view, sets } });
}

export interface Retired {
  readonly view: string;
  readonly generation: LiveGeneration;
}

/** Brings the states of all views to what marks ask for. Returns the generations that nobody needs from now on. */
export async function settleAll(ports: BoundPorts & { readonly online: OnlineStore }): Promise<readonly Retired[]> {
  const retired: Retired[] = [];
  const views = [...(await ports.online.listStates()).keys()].toSorted();
  for (const view of views) retired.push(...(await settleView(ports, view)));
  return retired;
}

/** Again where a run changed the state meanwhile. */
async function settleView(
  ports: BoundPorts & { readonly online: OnlineStore },
  view: string,
): Promise<readonly Retired[]> {
  for (;;) {
    const { bytes, state } = await readState(ports.online, view);
    if (bytes === null) return [];
    const next = await settle(ports, view, state);
    if (next === state) return [];
    if (!(await ports.online.writeState(view, bytes, encodeServingState(next)))) continue;
    const before = new Set(generationsOf(state).flatMap(({ id, isHeld }) => (isHeld === true ? [id] : [])));
    return (next.bound ?? [])
      .filter(({ id, isHeld }) => isHeld !== true && before.has(id))
      .map((generation) => ({ view, generation }));
  }
}
