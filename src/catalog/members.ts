// What a feature service is made of, as far as a model can tell.
import type { Catalog, FeatureService, ServiceFeature } from './catalog.ts';
import { rowOrders, sha256 } from './fingerprint.ts';

export interface Member extends ServiceFeature {
  /** null where its version was registered before features had one. */
  readonly meaning: string | null;
  /** Of a feature of a row view, how the row is chosen that it is read from (`rowOrders`); null for others. */
  readonly rowOrder: string | null;
}

/** In the order of the service. */
export function membersOf({ views }: Catalog, { features }: FeatureService): readonly Member[] {
  const meanings = new Map(
    [...new Set(features.map(({ view }) => view))].map((name) => [
      name,
      new Map(views.get(name)?.features.map((feature) => [feature.name, feature.meaning])),
    ]),
  );
  return features.map((member) => {
    const view = views.get(member.view);
    const rowOrder = view === undefined ? null : (rowOrders(view).get(member.feature) ?? null);
    return { ...member, meaning: meanings.get(member.view)?.get(member.feature) ?? null, rowOrder };
  });
}

/** Over names, order, join keys, meaning and how rows of one instant are told apart. */
export const serviceFingerprint = (catalog: Catalog, service: FeatureService): string =>
  sha256(
    membersOf(catalog, service).map(({ name, view, feature, readAs, meaning, rowOrder }) => ({
      ...{ name, view, feature, readAs, meaning },
      ...(rowOrder === null ? {} : { rowOrder }),
    })),
  );
