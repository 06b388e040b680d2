// Does serving return what training had? For each view: sample its history, run it at some instants into private stores, look
// the sampled keys up, make a training set of the same keys and instants, compare.
//
//   history ─ sample ─▶ rounds (until, [(key, at)…]) ─┬─▶ materializer ▶ private stores ▶ lookups ─┬─▶ tally ─▶ report
//                                                     └─▶ training set of all (key, at) ───────────┘
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifyReport } from '../../schemas/wire-types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { Engine } from '../offline/engine.ts';
import { planMaterialization } from '../plan/plan-materialization.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { listSource, type SourceFiles } from '../storage/source-files.ts';
import { saveReport } from './reports.ts';
import { chooseRounds, type Round } from './rounds.ts';
import { type PrivateStores, servedValues } from './serving-path.ts';
import { type Seen, Tally } from './tally.ts';
import { trainingValues } from './training-path.ts';
import { type SkippedView, type VerifiedView, verifiedViews } from './verified-views.ts';

export interface VerifyRequest {
  /** null: all services. */
  readonly service: string | null;
  /** The same seed draws the same sample from the same data. */
  readonly seed: number;
  /** Most pairs of a key and an instant for each view. */
  readonly samples: number;
}

export const DEFAULT_SEED = 1;
export const DEFAULT_SAMPLES = 1000;

export interface VerifyProgress {
  readonly view: string;
  /** Sampled pairs of a key and an instant, of one view. */
  readonly done: number;
  readonly total: number;
}

export interface Verifier {
  /** The report is kept under the storage. UNKNOWN_NAME for a service; else as runs and training sets fail. */
  verify(request: VerifyRequest, onProgress?: (progress: VerifyProgress) => void): Promise<VerifyReport>;
}

export interface VerifierOptions {
  readonly catalog: () => Promise<Catalog>;
  /** Of the project: keeps the report, and gives a folder for everything else. */
  readonly store: ObjectStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Engine;
  /** Stores in an empty local folder. */
  readonly openPrivate: (folder: string) => Promise<PrivateStores & AsyncDisposable>;
  readonly signal: AbortSignal;
  readonly graceMicros: bigint;
}

export const createVerifier = (options: VerifierOptions): Verifier => ({
  verify: (request, onProgress = () => {}) => verify(options, request, onProgress),
});

async function verify(
  options: VerifierOptions,
  request: VerifyRequest,
  onProgress: (progress: VerifyProgress) => void,
): Promise<VerifyReport> {
  const started = nowMicros();
  const catalog = await options.catalog();
  const { views, skipped: left } = verifiedViews(catalog, request.service);
  const tally = new Tally();
  const skipped: SkippedView[] = [...left];
  for (const verified of views) {
    const reason = await verifyView({ ...options, catalog, request, tally, onProgress }, verified);
    if (reason !== null) skipped.push({ view: verified.view.name, reason });
  }
  const { seed, samples, service } = request;
  return await saveReport(options.store, {
    ...{ kind: 'verify', createdAt: formatInstant(started), version: catalog.version, service, samples, skipped },
    seconds: Number(nowMicros() - started) / 1_000_000,
    ...tally.result(seed),
  });
}

interface Verification extends Omit<VerifierOptions, 'catalog'> {
  readonly catalog: Catalog;
  readonly request: VerifyRequest;
  readonly tally: Tally;
  readonly onProgress: (progress: VerifyProgress) => void;
}

/** Returns why nothing of the view was compared; null where something was. */
async function verifyView(verification: Verification, verified: VerifiedView): Promise<string | null> {
  const { catalog, engine, store, sourceFiles, signal, request } = verification;
  const { view } = verified;
  const { rows } = planMaterialization(catalog, view, 0n).values;
  const files = await listSource(sourceFiles, sourceOf(catalog, view));
  const { seed, samples } = request;
  const gridMicros = view.refresh?.everyMicros ?? null;
  const history = await engine.sampleHistory({ rows, files, seed, limit: samples, gridMicros, signal });
  const rounds = chooseRounds(view, history, samples);
  if (rounds.length === 0) return 'its source has no row that counts';
  const folder = await store.workFolder();
  try {
    return await compareRounds(verification, verified, { rounds, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Chosen {
  readonly rounds: readonly Round[];
  readonly folder: string;
}

async function compareRounds(
  { catalog, engine, sourceFiles, signal, graceMicros, openPrivate, tally, onProgress }: Verification,
  verified: VerifiedView,
  { rounds, folder }: Chosen,
): Promise<string | null> {
  const { view, features } = verified;
  const [serving, training] = [join(folder, 'serving'), join(folder, 'training')];
  await Promise.all([mkdir(serving), mkdir(training)]);
  await using stores = await openPrivate(serving);
  const path = { catalog, stores, engine, sourceFiles, signal, graceMicros };
  const probes = rounds.flatMap((round) => round.probes);
  const onServed = (done: number): void => onProgress({ view: view.name, done, total: probes.length });
  const { served, skipped } = await servedValues(path, verified, { rounds, onServed });
  if (skipped !== null) return skipped;
  const source = sourceOf(catalog, view);
  const sources = new Map([[source.name, await listSource(sourceFiles, source)]]);
  const expected = await trainingValues({ engine, catalog, sources, folder: training, signal }, verified, probes);
  for (const [row, answers] of served.entries())
    for (const [i, feature] of features.entries())
      tally.add(view, feature, { probe: probes[row], expected: expected[row]?.[i], served: answers[i] } as Seen);
  return null;
}
