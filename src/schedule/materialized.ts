// How far views are materialized, as the online store knows it: one call for all of them.
import { PlumbError } from '../../schemas/errors.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { type LagPorts, streamLag } from '../materialize/streams/stream-lag.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { LiveGeneration } from '../online/serving-state.ts';
import { decodeServingState } from '../online/serving-state-codec.ts';
import type { Materialized } from './freshness.ts';

/** In the order of the views. One whose state is damaged counts as never materialized: its next run tells what is wrong with it. */
export const readMaterialized = async (
  online: Pick<OnlineStore, 'read'>,
  views: readonly FeatureView[],
): Promise<readonly Materialized[]> =>
  (await readLive(online, views)).map((live, i) => materializedOf(live, views[i] as FeatureView));

/** Of views that a stream feeds how far they are behind, too. */
export async function readMaterializedWithLag(
  ports: LagPorts,
  views: readonly FeatureView[],
): Promise<readonly Materialized[]> {
  const live = await readLive(ports.online, views);
  return await Promise.all(
    views.map(async (view, i) => {
      const generation = live[i] ?? null;
      const lag = generation === null ? null : await streamLag(ports, view.name, generation);
      return { ...materializedOf(generation, view), ...(lag === null ? {} : { lag }) };
    }),
  );
}

const materializedOf = (live: LiveGeneration | null, { fingerprint }: FeatureView): Materialized => ({
  watermarkMicros: live?.watermarkMicros ?? null,
  isCurrent: live?.fingerprint === fingerprint,
});

async function readLive(
  online: Pick<OnlineStore, 'read'>,
  views: readonly FeatureView[],
): Promise<readonly (LiveGeneration | null)[]> {
  if (views.length === 0) return [];
  const names = views.map(({ name }) => name);
  const { states } = await online.read([], names);
  return views.map((_, i) => liveOf(states[i] ?? null));
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
