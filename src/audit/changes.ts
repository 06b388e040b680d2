// What one version of the definitions moves against another: the values of the features of views that changed, on sampled keys,
// by the training path of each version; the columns of services; what has to be filled anew.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { Refill, VerifyChanges } from '../../schemas/wire-types.ts';
import type { Catalog, FeatureService, FeatureView } from '../catalog/catalog.ts';
import { isOnline } from '../catalog/look-up.ts';
import type { RunRecords } from '../materialize/run-records.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { Moves } from './moves.ts';
import type { Probe } from './rounds.ts';
import { type Sample, type Sampling, sampleRounds, trainedAt } from './sampling.ts';
import { keyText } from './value-text.ts';
import { readViews, type VerifiedView } from './verified-views.ts';

export interface ChangesPorts extends Sampling {
  readonly store: ObjectStore;
  readonly runs: RunRecords;
}

export interface Versions {
  readonly before: Catalog;
  readonly after: Catalog;
}

/** `service` null: of all services. */
export async function changesOf(
  ports: ChangesPorts,
  versions: Versions,
  { service, ...sample }: Sample & { readonly service: string | null },
): Promise<VerifyChanges> {
  const { before, after } = versions;
  const [former, current] = [servicesOf(before, service), servicesOf(after, service)];
  const read = readViews(after, current);
  const changed = read.filter(({ view }) => before.views.get(view.name)?.fingerprint !== view.fingerprint);
  const moves = new Moves([...former, ...current]);
  const notCompared: { view: string; reason: string }[] = [];
  for (const one of changed) {
    const reason = await compareView({ ports, versions, sample, moves }, one);
    if (reason !== null) notCompared.push({ view: one.view.name, reason });
  }
  const filled = changed.filter(({ view }) => isOnline(view)).map(({ view }) => view);
  return {
    against: before.version,
    services: columnChanges(former, current),
    features: moves.result(),
    notCompared,
    refill: await Promise.all(filled.map((view) => refillOf(ports.runs, view, before.views.has(view.name)))),
  };
}

/** A service that only one of the versions has is compared with none. */
const servicesOf = ({ services }: Catalog, service: string | null): readonly FeatureService[] =>
  [...services.values()].filter(({ name }) => service === null || name === service);

function columnChanges(former: readonly FeatureService[], current: readonly FeatureService[]) {
  const columns = (services: readonly FeatureService[], name: string): readonly string[] =>
    services.find((service) => service.name === name)?.features.map((feature) => feature.name) ?? [];
  const names = new Set([...former, ...current].map(({ name }) => name));
  return [...names]
    .map((service) => {
      const [had, has] = [columns(former, service), columns(current, service)];
      const added = has.filter((column) => !had.includes(column));
      return { service, added, removed: had.filter((column) => !has.includes(column)) };
    })
    .filter(({ added, removed }) => added.length + removed.length > 0);
}

interface Comparing {
  readonly ports: ChangesPorts;
  readonly versions: Versions;
  readonly sample: Sample;
  readonly moves: Moves;
}

/** Returns why nothing was compared; null where something was, or where there is nothing to compare. */
async function compareView(comparing: Comparing, after: VerifiedView): Promise<string | null> {
  const { before: formerCatalog } = comparing.versions;
  const former = formerCatalog.views.get(after.view.name);
  if (former === undefined) return 'it is new';
  if (keysText(former) !== keysText(after.view)) return 'its join keys are others';
  const hadBefore = new Map<string, FeatureView['features'][number]>(former.features.map((one) => [one.name, one]));
  const common = after.features.filter(({ name }) => hadBefore.has(name));
  if (common.length === 0) return 'none of its features was there before';
  const pair = {
    before: { view: former, features: common.map(({ name }) => hadBefore.get(name)) } as VerifiedView,
    after: { view: after.view, features: common } as VerifiedView,
  };
  try {
    return await comparePair(comparing, pair);
  } catch (error) {
    // The files of a source that was replaced may be gone, which is no mistake of the current version.
    if (!(error instanceof PlumbError) || error.code !== 'SOURCE_MISMATCH') throw error;
    return error.message;
  }
}

const keysText = ({ joinKeys }: FeatureView): string => JSON.stringify(joinKeys.map(({ name, type }) => [name, type]));

interface Pair {
  readonly before: VerifiedView;
  readonly after: VerifiedView;
}

async function comparePair({ ports, versions, sample, moves }: Comparing, pair: Pair): Promise<string | null> {
  const probes = await probesOf(ports, versions, pair, sample);
  if (probes.length === 0) return 'its source has no row that counts';
  const folder = await ports.store.workFolder();
  try {
    const trained = (side: keyof Pair) =>
      trainedAt(ports, versions[side], pair[side], { probes, folder: join(folder, side) });
    moves.add(pair, { probes, before: await trained('before'), after: await trained('after') });
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** On the edges of both versions. */
async function probesOf(
  ports: ChangesPorts,
  versions: Versions,
  pair: Pair,
  { seed, samples }: Sample,
): Promise<readonly Probe[]> {
  const half = { seed, samples: Math.ceil(samples / 2) };
  const rounds = [
    ...(await sampleRounds(ports, versions.before, pair.before.view, half)),
    ...(await sampleRounds(ports, versions.after, pair.after.view, half)),
  ];
  const probes = rounds.flatMap((round) => round.probes);
  return [...new Map(probes.map((probe) => [`${probe.atMicros} ${keyText(probe.key)}`, probe])).values()];
}

const LAST_RUNS = 20;

/** As long as the longest of its last runs took: runs of row views read less than a refill does, but for the first. */
async function refillOf(runs: RunRecords, { name }: FeatureView, wasThere: boolean): Promise<Refill> {
  const found = wasThere
    ? await runs.page({ view: name, state: 'succeeded', limit: LAST_RUNS, after: null })
    : { runs: [] };
  const known = found.runs
    .map(({ startedAt, finishedAt, rowsWritten }) => ({
      rows: rowsWritten,
      seconds: (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1000,
    }))
    .toSorted((a, b) => b.seconds - a.seconds);
  return { view: name, reason: wasThere ? 'changed' : 'new', ...(known[0] ?? { rows: null, seconds: null }) };
}
