// Which views a verification is about, and which of their features: what services read online.
import type { Catalog, FeatureService, FeatureView } from '../catalog/catalog.ts';
import { isOnline, requireService, requireView, whyOffline } from '../catalog/look-up.ts';

export interface VerifiedView {
  readonly view: FeatureView;
  /** Those that a service reads, in definition order. */
  readonly features: FeatureView['features'];
}

export interface SkippedView {
  readonly view: string;
  readonly reason: string;
}

/** `service` null: of all services. UNKNOWN_NAME where there is no such service. */
export function verifiedViews(
  catalog: Catalog,
  service: string | null,
): { readonly views: readonly VerifiedView[]; readonly skipped: readonly SkippedView[] } {
  const read = readViews(
    catalog,
    service === null ? [...catalog.services.values()] : [requireService(catalog, service)],
  );
  return {
    views: read.filter(({ view }) => isOnline(view)),
    skipped: read
      .filter(({ view }) => !isOnline(view))
      .map(({ view }) => ({ view: view.name, reason: `it ${whyOffline(view)}: it is in training sets only` })),
  };
}

/** Those of training sets only among them. */
export function readViews(catalog: Catalog, services: readonly FeatureService[]): readonly VerifiedView[] {
  return [...readFeatures(services)].map(([name, read]) => {
    const view = requireView(catalog, name);
    return { view, features: view.features.filter((feature) => read.has(feature.name)) as FeatureView['features'] };
  });
}

function readFeatures(services: readonly FeatureService[]): ReadonlyMap<string, ReadonlySet<string>> {
  const read = new Map<string, Set<string>>();
  for (const { view, feature } of services.flatMap(({ features }) => features))
    read.set(view, (read.get(view) ?? new Set<string>()).add(feature));
  return read;
}

/** As definitions and lookups name it. */
export const featureName = (view: string, feature: string): string => `${view}:${feature}`;
