// What both verifications and comparisons of versions do first, and then with the training path.
import { mkdir } from 'node:fs/promises';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { hasEntries, sourceOf } from '../catalog/look-up.ts';
import type { Engine } from '../offline/engine.ts';
import { planMaterialization } from '../plan/plan-materialization.ts';
import { listSource, type SourceFiles } from '../storage/source-files.ts';
import { chooseRounds, type Probe, type Round } from './rounds.ts';
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
  { engine, sourceFiles, signal }: Sampling,
  catalog: Catalog,
  view: FeatureView,
  { seed, samples }: Sample,
): Promise<readonly Round[]> {
  const { rows } = planMaterialization(catalog, view, 0n).values;
  const files = await listSource(sourceFiles, sourceOf(catalog, view));
  const gridMicros = view.refresh?.everyMicros ?? null;
  const history = await engine.sampleHistory({ rows, files, seed, limit: samples, gridMicros, signal });
  const latestMicros = hasEntries(view) ? await engine.latestMicros({ rows, files, signal }) : null;
  return chooseRounds(view, history, { samples, latestMicros });
}

/** By probe, then feature. `folder`: where one can be made. */
export async function trainedAt(
  { engine, sourceFiles, signal }: Sampling,
  catalog: Catalog,
  read: VerifiedView,
  { probes, folder }: { readonly probes: readonly Probe[]; readonly folder: string },
): Promise<readonly (readonly Expected[])[]> {
  await mkdir(folder);
  const source = sourceOf(catalog, read.view);
  const sources = new Map([[source.name, await listSource(sourceFiles, source)]]);
  return await trainingValues({ engine, catalog, sources, folder, signal }, read, probes);
}
