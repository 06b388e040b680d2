// What a catalog has by a name, and the error for a name that it has not: with the valid names and the nearest.
import { PlumbError } from '../../schemas/errors.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { quote, shorten } from '../quote.ts';
import type { Catalog, FeatureService, FeatureView, Source } from './catalog.ts';

type Feature = FeatureView['features'][number];

export const requireView = (catalog: Catalog, name: string): FeatureView =>
  required('feature view', catalog.views, name);

export const requireService = (catalog: Catalog, name: string): FeatureService =>
  required('feature service', catalog.services, name);

export function requireFeature(view: FeatureView, features: ReadonlyMap<string, Feature>, name: string): Feature {
  return required(`feature of view ${view.name}`, features, name);
}

export const isOnline = ({ online }: FeatureView): boolean => online !== false;

/** Continuous aggregates are not served yet. */
export const isServable = (view: FeatureView): boolean => view.kind === 'row' || view.refresh !== null;

/** OFFLINE_ONLY for a view that is in training sets only. */
export function requireOnline(view: FeatureView): FeatureView {
  if (isOnline(view)) return view;
  const message = `feature view ${view.name} has \`online: false\`: training sets have it, it is neither materialized nor looked up`;
  throw new PlumbError('OFFLINE_ONLY', message, { details: { view: view.name } });
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
