// How far views are materialized, as the online store knows it: one call for all of them.
import type { FeatureView } from '../catalog/catalog.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { decodeServingState } from '../online/serving-state-codec.ts';
import type { Materialized } from './freshness.ts';

/** In the order of the views. */
export async function readMaterialized(
  online: Pick<OnlineStore, 'read'>,
  views: readonly FeatureView[],
): Promise<readonly Materialized[]> {
  const names = views.map(({ name }) => name);
  const { states } = await online.read([], names);
  return views.map(({ fingerprint }, i) => {
    const bytes = states[i] ?? null;
    const live = bytes === null ? null : decodeServingState(bytes).live;
    return { watermarkMicros: live?.watermarkMicros ?? null, isCurrent: live?.fingerprint === fingerprint };
  });
}
