// Which training sets are bound: their features are served as they have them, until they are retired.
import { PlumbError } from '../../../schemas/errors.ts';
import type { DatasetBinding, DatasetBindingView } from '../../../schemas/wire-types.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { whyNotLearned } from '../../catalog/learned.ts';
import { requireOnline, requireService, requireView, servedFeatures } from '../../catalog/look-up.ts';
import { formatInstant } from '../../instant.ts';
import { boundMark, setName } from '../../offline/bound-marks.ts';
import type { DatasetManifest } from '../../offline/dataset.ts';
import type { DatasetCatalog } from '../../offline/dataset-catalog.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { readState } from '../publish.ts';
import { type BoundPorts, settleAll } from './bound-generations.ts';
import { type BoundView, boundViewsOf } from './bound-sets.ts';
import { needsOf } from './needs.ts';
import { lackingIn, type SourceLooks } from './source-fit.ts';

export interface BindingPorts extends BoundPorts {
  readonly online: OnlineStore;
  readonly datasets: DatasetCatalog;
  /** Opened when first asked for: it needs an engine. */
  readonly looks: () => Promise<SourceLooks>;
}

export interface Bindings {
  /**
   * `version` null: the newest. UNKNOWN_NAME; NOT_AS_LEARNED for a set that nothing can be compared with, or whose former
   * definitions can be filled no more; OFFLINE_ONLY for features that are not served.
   */
  bind(name: string, version: number | null): Promise<DatasetBinding>;
  retire(name: string, version: number | null): Promise<DatasetBinding>;
}

export const createBindings = (ports: BindingPorts): Bindings => ({
  bind: (name, version) => bind(ports, name, version),
  retire: (name, version) => retire(ports, name, version),
});

async function bind(ports: BindingPorts, name: string, version: number | null): Promise<DatasetBinding> {
  const dataset = requireBindable(await ports.datasets.show(name, version));
  const set = setName(dataset);
  const catalog = await ports.version(dataset.registryVersion);
  requireServed(catalog, dataset.service, set);
  const views = boundViewsOf(set, catalog, dataset.service);
  const wasBound = (await boundMark(ports.store, dataset.name, dataset.version)) !== null;
  if (!wasBound) {
    for (const view of views) await requireFillable(ports, view);
    await ports.datasets.bind(dataset);
  }
  await settleAll(ports);
  const told = await Promise.all(views.map(async (view) => (await bindingOf(ports, view)).told));
  return { name: dataset.name, version: dataset.version, bound: true, changed: !wasBound, views: told };
}

type Bindable = DatasetManifest & { readonly registryVersion: number };

function requireBindable(dataset: DatasetManifest): Bindable {
  const why = whyNotLearned(dataset);
  if (why === null) return dataset as Bindable;
  const { name, version, service } = dataset;
  throw new PlumbError('NOT_AS_LEARNED', `${setName(dataset)} ${why}, and bind that one`, {
    details: { name, version, service, features: [] },
  });
}

/** A lookup of the set asks for all of its features. */
function requireServed(catalog: Catalog, service: string, set: string): void {
  const served = servedFeatures(catalog, set, requireService(catalog, service).features);
  for (const name of new Set(served.map(({ view }) => view))) requireOnline(requireView(catalog, name));
}

interface Found {
  readonly told: DatasetBindingView;
  readonly isToFill: boolean;
}

async function bindingOf(ports: Pick<BindingPorts, 'online' | 'catalog'>, one: BoundView): Promise<Found> {
  const catalog = await ports.catalog();
  const { name } = one.view;
  const { state } = await readState(ports.online, name);
  const [need] = needsOf([one], { catalog, view: catalog.views.get(name) }, state);
  if (need === undefined) return { told: tellOf(name, 'to_fill', null), isToFill: false };
  const { generation, isPresent } = need;
  if (generation === null) return { told: tellOf(name, 'to_fill', null), isToFill: true };
  return { told: tellOf(name, isPresent ? 'present' : 'held', generation), isToFill: false };
}

type Told = { readonly id: string; readonly watermarkMicros: bigint } | null;

const tellOf = (view: string, served: DatasetBindingView['served'], generation: Told): DatasetBindingView => ({
  view,
  served,
  generation: served === 'to_fill' ? null : (generation?.id ?? null),
  watermark: served === 'to_fill' || generation === null ? null : formatInstant(generation.watermarkMicros),
});

/** A former definition without a generation is filled anew by the next run, from what its source has now. */
async function requireFillable(ports: BindingPorts, one: BoundView): Promise<void> {
  if (!(await bindingOf(ports, one)).isToFill) return;
  const lacking = await lackingIn(await ports.looks(), one);
  if (lacking.length === 0) return;
  const { set, view } = one;
  const message = `${set} cannot be bound: no generation of ${view.name} holds its features as they were learned any more, and none can be filled: ${lacking.join('; ')}`;
  throw new PlumbError('NOT_AS_LEARNED', message, { details: { view: view.name, features: [] } });
}

async function retire(ports: BindingPorts, name: string, version: number | null): Promise<DatasetBinding> {
  // A mark may outlive what it marks.
  const found = version === null ? (await ports.datasets.show(name, null)).version : version;
  const wasBound = await ports.datasets.retire(name, found);
  if (!wasBound) await ports.datasets.show(name, found);
  const left = await settleAll(ports);
  const views = left.map(({ view, generation }) => tellOf(view, 'leaving', generation));
  return { name, version: found, bound: false, changed: wasBound, views };
}
