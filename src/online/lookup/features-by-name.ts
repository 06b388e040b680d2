// A request may name thousands of features of one view: they are found by name, not by search.
import type { FeatureView } from '../../catalog/catalog.ts';

type Feature = FeatureView['features'][number];

const KNOWN = new WeakMap<FeatureView, ReadonlyMap<string, Feature>>();

export function featuresByName(view: FeatureView): ReadonlyMap<string, Feature> {
  const known = KNOWN.get(view);
  if (known !== undefined) return known;
  const byName = new Map<string, Feature>(view.features.map((feature) => [feature.name, feature]));
  KNOWN.set(view, byName);
  return byName;
}
