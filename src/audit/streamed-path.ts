// Does a view that a stream feeds return what training has? Its log is replayed into a store that nobody else sees; at the end of
// each stage some of the sampled keys are looked up, and a training set is made of the events that are applied then.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Status } from '../../schemas/types.ts';
import { type Catalog, registeredVersion, type ServableView } from '../catalog/catalog.ts';
import type { Replay, Replaying, ReplayStage } from '../materialize/streams/replay.ts';
import { createLookup } from '../online/lookup.ts';
import type { Probe } from './rounds.ts';
import { type Sample, type Sampling, sampleProbes, trainedAt } from './sampling.ts';
import { lookUp, type PrivateStores } from './serving-path.ts';
import type { Seen, Tally } from './tally.ts';
import type { VerifiedView } from './verified-views.ts';

/** Replays a view of the project's own log and lake. */
export type ReplayView = <T>(replaying: Replaying, use: (replay: Replay) => Promise<T>) => Promise<T>;

export interface StreamedPath extends Sampling {
  readonly catalog: Catalog;
  readonly stores: PrivateStores;
  readonly replay: ReplayView;
  readonly tally: Tally;
}

export interface StreamedSample extends Sample {
  /** For training sets. */
  readonly folder: string;
  readonly onServed: (done: number, total: number) => void;
}

/** Returns why nothing was compared; null where something was. */
export async function compareStreamed(
  path: StreamedPath,
  verified: VerifiedView & { readonly view: ServableView },
  sample: StreamedSample,
): Promise<string | null> {
  const { stores, signal, replay } = path;
  // Generations name a registered version; of a draft, in a store of its own, the first.
  const catalog = { ...path.catalog, version: registeredVersion(path.catalog) ?? 1 };
  return await replay({ catalog, view: verified.view, online: stores.online, signal }, (replayed) =>
    compareStages({ ...path, catalog }, verified, { ...sample, replayed }),
  );
}

async function compareStages(
  path: StreamedPath,
  verified: VerifiedView,
  { replayed, folder, onServed, ...sample }: StreamedSample & { readonly replayed: Replay },
): Promise<string | null> {
  const { catalog, stores } = path;
  const { stages } = replayed;
  const files = stages.at(-1)?.files ?? [];
  const probes = await sampleProbes(path, { ...sample, catalog, view: verified.view, files });
  if (probes.length === 0) return 'its source has no row that counts';
  const lookup = createLookup({ catalog: async () => catalog, store: stores.online });
  const asked = byStage(probes, stages);
  await mkdir(folder);
  let [done, compared] = [0, 0];
  for (const [stage, { files: applied }] of stages.entries()) {
    await replayed.next();
    const own = asked.get(stage) ?? [];
    if (own.length === 0) continue;
    const served = await lookUp(lookup, verified, own);
    const training = { probes: own, folder: join(folder, String(stage)), files: applied };
    const expected = await trainedAt(path, catalog, verified, training);
    for (const [row, probe] of own.entries())
      for (const [i, feature] of verified.features.entries()) {
        const seen = { probe, expected: expected[row]?.[i], served: served[row]?.[i] } as Seen;
        if (isUnanswered(seen.served.status)) continue;
        path.tally.add(verified.view, feature, seen);
        compared += 1;
      }
    done += own.length;
    onServed(done, probes.length);
  }
  return compared > 0 ? null : 'all sampled instants lie before what is kept of their keys';
}

/** A lookup that says so, and gives no value, tells nothing wrong. */
const isUnanswered = (status: Status): boolean => status === 'TOO_EARLY';

/** Instants of the time of the log go to the first stage that has come so far, those before it to all stages in turn. */
function byStage(probes: readonly Probe[], stages: readonly ReplayStage[]): ReadonlyMap<number, readonly Probe[]> {
  const last = stages.length - 1;
  const stageOf = (atMicros: bigint, i: number): number => {
    const reached = stages.findIndex(({ appliedMicros }) => appliedMicros !== null && appliedMicros >= atMicros);
    if (reached === 0) return i % stages.length;
    return reached < 0 ? last : reached;
  };
  return Map.groupBy(probes, ({ atMicros }, i) => stageOf(atMicros, i));
}
