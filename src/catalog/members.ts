// What a feature service is made of, as far as a model can tell.
import type { Catalog, FeatureService, ServiceFeature } from './catalog.ts';
import { sha256 } from './fingerprint.ts';

export interface Member extends ServiceFeature {
  /** null where its version was registered before features had one. */
  readonly meaning: string | null;
}

/** In the order of the service. */
export function membersOf({ views }: Catalog, { features }: FeatureService): readonly Member[] {
  const meanings = new Map(
    [...new Set(features.map(({ view }) => view))].map((name) => [
      name,
      new Map(views.get(name)?.features.map((feature) => [feature.name, feature.meaning])),
    ]),
  );
  return features.map((feature) => ({ ...feature, meaning: meanings.get(feature.view)?.get(feature.feature) ?? null }));
}

/** Over names, order, join keys and meaning. */
export const serviceFingerprint = (catalog: Catalog, service: FeatureService): string =>
  sha256(
    membersOf(catalog, service).map(({ name, view, feature, readAs, meaning }) => ({
      name,
      view,
      feature,
      readAs,
      meaning,
    })),
  );
