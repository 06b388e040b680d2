// The values of a view as a lookup returns them: runs of the materializer into stores that nobody else sees, one at each
// instant, in order of time, and lookups after each.
import { PlumbError } from '../../schemas/errors.ts';
import type { Status, Value } from '../../schemas/types.ts';
import { type Catalog, registeredVersion } from '../catalog/catalog.ts';
import { createMaterializer } from '../materialize/materializer.ts';
import type { Materializer } from '../materialize/run.ts';
import type { MaterializerOptions } from '../materialize/view-run.ts';
import { createLookup, type Lookup } from '../online/lookup.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Probe, Round } from './rounds.ts';
import { featureName, type VerifiedView } from './verified-views.ts';

/** Empty ones. */
export interface PrivateStores {
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
}

export interface Served {
  readonly value: Value;
  readonly status: Status;
}

export interface ServingPath extends Pick<MaterializerOptions, 'engine' | 'sourceFiles' | 'signal' | 'graceMicros'> {
  readonly catalog: Catalog;
  readonly stores: PrivateStores;
}

export interface Asked {
  readonly rounds: readonly Round[];
  /** Told how many probes are done. */
  readonly onServed: (probes: number) => void;
}

export interface ServedRounds {
  /** By probe of all rounds, then feature; empty where the view is skipped. */
  readonly served: readonly (readonly Served[])[];
  /** Why the view is not served at all; null where it is. */
  readonly skipped: string | null;
}

export async function servedValues(
  path: ServingPath,
  verified: VerifiedView,
  { rounds, onServed }: Asked,
): Promise<ServedRounds> {
  const { catalog: known, stores, ...ports } = path;
  // Manifests name a registered version; of a draft, in stores of its own, the first.
  const numbered = { ...known, version: registeredVersion(known) ?? 1 };
  const catalog = async (): Promise<Catalog> => numbered;
  const { store, online, leases } = stores;
  const erasures = async () => known.erasures ?? [];
  const materializer = createMaterializer({ ...ports, store, online, leases, catalog, version: catalog, erasures });
  const lookup = createLookup({ catalog, store: online });
  const served: (readonly Served[])[] = [];
  for (const round of rounds) {
    const skipped = await runAt(materializer, verified.view.name, round.untilMicros);
    if (skipped !== null) return { served: [], skipped };
    served.push(...(await lookUp(lookup, verified, round.probes)));
    onServed(served.length);
  }
  return { served, skipped: null };
}

/** Returns why the view is skipped; null where it was run. */
async function runAt(materializer: Materializer, view: string, untilMicros: bigint): Promise<string | null> {
  const errors: PlumbError[] = [];
  const request = { views: [view], untilMicros, isUntilNow: false, mode: 'incremental' } as const;
  const [report] = await materializer.materialize(request, undefined, (_, error) => errors.push(error));
  if (errors[0] !== undefined) throw errors[0];
  if (report?.outcome === 'skipped') return report.notice ?? 'its runs are skipped';
  if (report?.outcome === 'succeeded') return null;
  throw new PlumbError('INTERNAL', `a run of ${view} ended as ${report?.outcome} and told no error`);
}

/** Entities of one lookup. */
const ENTITIES = 1000;

/** By probe, then feature. */
export async function lookUp(
  lookup: Lookup,
  { view, features }: VerifiedView,
  probes: readonly Probe[],
): Promise<readonly (readonly Served[])[]> {
  const request = { features: features.map(({ name }) => featureName(view.name, name)) };
  const served = new Map<Probe, readonly Served[]>();
  for (const [at, sameInstant] of Map.groupBy(probes, ({ atMicros }) => atMicros))
    for (let first = 0; first < sameInstant.length; first += ENTITIES) {
      const asked = sameInstant.slice(first, first + ENTITIES);
      const entities = asked.map(({ key }) => Object.fromEntries(view.joinKeys.map(({ name }, i) => [name, key[i]])));
      const { rows, statuses } = await lookup.values(request, entities, at, { statuses: true });
      for (const [i, probe] of asked.entries())
        served.set(
          probe,
          features.map((_, feature) => ({
            value: rows[i]?.[feature] ?? null,
            status: statuses?.[i]?.[feature] as Status,
          })),
        );
    }
  return probes.map((probe) => served.get(probe) ?? []);
}
