// What a catalog has by a name, and the error for a name that it has not: with the valid names and the nearest.
import { PlumbError } from '../../schemas/errors.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { quote, shorten } from '../quote.ts';
import type {
  AggregateView,
  Catalog,
  FeatureService,
  FeatureView,
  ServableView,
  ServiceFeature,
  Source,
} from './catalog.ts';

type Feature = FeatureView['features'][number];

export const requireView = (catalog: Catalog, name: string): FeatureView =>
  required('feature view', catalog.views, name);

export const requireSource = (catalog: Catalog, name: string): Source => required('source', catalog.sources, name);

export const requireService = (catalog: Catalog, name: string): FeatureService =>
  required('feature service', catalog.services, name);

export function requireFeature(view: FeatureView, features: ReadonlyMap<string, Feature>, name: string): Feature {
  return required(`feature of view ${view.name}`, features, name);
}

const isServableKind = (view: FeatureView): view is ServableView => view.kind !== 'label';

/** All but labels. */
export const servableViews = ({ views }: Catalog): readonly ServableView[] =>
  [...views.values()].filter(isServableKind);

/** Whether runs fill it and lookups read it. */
export const isOnline = (view: FeatureView): boolean => isServableKind(view) && view.online !== false;

/** Of a view that is not online. */
export const whyOffline = ({ kind }: FeatureView): string =>
  kind === 'label' ? 'is a label, which tells what comes after an instant' : 'has `online: false`';

/** Whether the online store holds entries of it, which are evaluated at any instant: a continuous aggregate view. */
export const hasEntries = (view: FeatureView): view is AggregateView =>
  view.kind === 'aggregate' && view.refresh === null;

/** Whether a stream processor keeps it up to date, and no run does: a continuous view over a stream. */
export const isStreamed = (catalog: Catalog, view: FeatureView): view is ServableView =>
  isOnline(view) && view.refresh === null && sourceOf(catalog, view).kind === 'stream';

/** OFFLINE_ONLY for a view that is in training sets only. */
export function requireOnline(view: FeatureView): ServableView {
  if (isServableKind(view) && view.online !== false) return view;
  const message = `feature view ${view.name} ${whyOffline(view)}: training sets have it, it is neither materialized nor looked up`;
  throw new PlumbError('OFFLINE_ONLY', message, { details: { view: view.name } });
}

/** Those of them that are labels. */
export const labelsOf = <T extends ServiceFeature>(catalog: Catalog, features: readonly T[]): readonly T[] =>
  features.filter(({ view }) => requireView(catalog, view).kind === 'label');

/**
 * What lookups have of these features: labels are left out, whatever else is in training sets only is refused later.
 * OFFLINE_ONLY where nothing is left; `what`: such as `service ranking`.
 */
export function servedFeatures<T extends ServiceFeature>(
  catalog: Catalog,
  what: string,
  features: readonly T[],
): readonly T[] {
  const labels = new Set(labelsOf(catalog, features));
  const served = features.filter((feature) => !labels.has(feature));
  if (served.length > 0) return served;
  const message = `${what} has nothing but labels (${features.map(({ name }) => name).join(', ')}): training sets have them, they are not looked up`;
  throw new PlumbError('OFFLINE_ONLY', message, { details: { features: features.map(({ name }) => name) } });
}

/** A resolved view names a source that is there. */
export function sourceOf(catalog: Catalog, view: FeatureView): Source {
  const source = catalog.sources.get(view.source);
  if (source === undefined)
    throw new PlumbError('INTERNAL', `view ${view.name} reads the unknown source ${view.source}`);
  return source;
}

function required<T>(what: string, things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) throw unknownName(what, name, things.keys());
  return thing;
}

/** UNKNOWN_NAME. `what`: the kind of thing, such as `feature view`. */
export function unknownName(what: string, found: string, valid: Iterable<string>): PlumbError {
  const names = [...valid];
  const nearest = nearestName(found, names);
  const hint = nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  return new PlumbError('UNKNOWN_NAME', `found the ${what} ${quote(found)}, expected ${oneOf(names)}${hint}`, {
    details: { name: shorten(found), nearest },
  });
}
