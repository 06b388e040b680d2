// Which views a verification is about, and which of their features: what services read online.
import type { Catalog, FeatureService, FeatureView } from '../catalog/catalog.ts';
import { isOnline, requireService, requireView } from '../catalog/look-up.ts';

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
  const services = service === null ? [...catalog.services.values()] : [requireService(catalog, service)];
  const read = readFeatures(services);
  const views = [...read.keys()].map((name) => requireView(catalog, name));
  return {
    views: views.filter(isOnline).map((view) => ({
      view,
      features: view.features.filter(({ name }) => read.get(view.name)?.has(name)) as FeatureView['features'],
    })),
    skipped: views
      .filter((view) => !isOnline(view))
      .map(({ name }) => ({ view: name, reason: 'online: false: it is in training sets only' })),
  };
}

function readFeatures(services: readonly FeatureService[]): ReadonlyMap<string, ReadonlySet<string>> {
  const read = new Map<string, Set<string>>();
  for (const { view, feature } of services.flatMap(({ features }) => features))
    read.set(view, (read.get(view) ?? new Set<string>()).add(feature));
  return read;
}

/** As definitions and lookups name it. */
export const featureName = (view: string, feature: string): string => `${view}:${feature}`;
