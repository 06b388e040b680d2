// What both verifications and comparisons of versions do first, and then with the training path.
import { mkdir } from 'node:fs/promises';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { hasEntries, sourceOf } from '../catalog/look-up.ts';
import type { Engine } from '../offline/engine.ts';
import { planMaterialization } from '../plan/plan-materialization.ts';
import { listSource, type SourceFile, type SourceFiles } from '../storage/source-files.ts';
import { chooseProbes, chooseRounds, type Probe, type Round } from './rounds.ts';
import { type Expected, trainingValues } from './training-path.ts';
import type { VerifiedView } from './verified-views.ts';

export interface Sampling {
  readonly engine: Engine;
  readonly sourceFiles: SourceFiles;
  readonly signal: AbortSignal;
}

export interface Sample {
  readonly seed: number;
  /** Most pairs of a key and an instant. */
  readonly samples: number;
}

/** None where no row of the source counts. */
export async function sampleRounds(
  sampling: Sampling,
  catalog: Catalog,
  view: FeatureView,
  { seed, samples }: Sample,
): Promise<readonly Round[]> {
  const files = await listSource(sampling.sourceFiles, sourceOf(catalog, view));
  const { history, latestMicros } = await historyOf(sampling, { catalog, view, files, seed, samples });
  return chooseRounds(view, history, { samples, latestMicros: hasEntries(view) ? await latestMicros() : null });
}

/** Of a view that a stream feeds; none where no row counts. */
export async function sampleProbes(
  sampling: Pick<Sampling, 'engine' | 'signal'>,
  sampled: Sampled,
): Promise<readonly Probe[]> {
  const { history, latestMicros } = await historyOf(sampling, sampled);
  return chooseProbes(sampled.view, history, { samples: sampled.samples, latestMicros: await latestMicros() });
}

interface Sampled extends Sample {
  readonly catalog: Catalog;
  readonly view: FeatureView;
  readonly files: readonly SourceFile[];
}

async function historyOf(
  { engine, signal }: Pick<Sampling, 'engine' | 'signal'>,
  { catalog, view, files, seed, samples }: Sampled,
) {
  const { rows } = planMaterialization(catalog, view, 0n).values;
  const gridMicros = view.refresh?.everyMicros ?? null;
  const history = await engine.sampleHistory({ rows, files, seed, limit: samples, gridMicros, signal });
  return { history, latestMicros: async () => await engine.latestMicros({ rows, files, signal }) };
}

interface Trained {
  readonly probes: readonly Probe[];
  /** Where one can be made. */
  readonly folder: string;
  /** Of the source; absent: all that it has now. */
  readonly files?: readonly SourceFile[];
}

/** By probe, then feature. */
export async function trainedAt(
  { engine, sourceFiles, signal }: Sampling,
  catalog: Catalog,
  read: VerifiedView,
  { probes, folder, files }: Trained,
): Promise<readonly (readonly Expected[])[]> {
  await mkdir(folder);
  const source = sourceOf(catalog, read.view);
  const sources = new Map([[source.name, files ?? (await listSource(sourceFiles, source))]]);
  return await trainingValues({ engine, catalog, sources, folder, signal }, read, probes);
}
