// How far views are materialized, as the online store knows it: one call for all of them.
import { PlumbError } from '../../schemas/errors.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import { decodeServingState } from '../online/serving-state-codec.ts';
import type { Materialized } from './freshness.ts';

/** In the order of the views. One whose state is damaged counts as never materialized: its next run tells what is wrong with it. */
export async function readMaterialized(
  online: Pick<OnlineStore, 'read'>,
  views: readonly FeatureView[],
): Promise<readonly Materialized[]> {
  if (views.length === 0) return [];
  const names = views.map(({ name }) => name);
  const { states } = await online.read([], names);
  return views.map(({ fingerprint }, i) => {
    const live = liveOf(states[i] ?? null);
    return { watermarkMicros: live?.watermarkMicros ?? null, isCurrent: live?.fingerprint === fingerprint };
  });
}

function liveOf(bytes: Uint8Array | null): LiveGeneration | null {
  if (bytes === null) return null;
  try {
    return decodeServingState(bytes).live;
  } catch (error) {
    if (error instanceof PlumbError && error.code === 'STORAGE_CORRUPT') return null;
    throw error;
  }
}
