// Does serving return what training had? For each view: sample its history, run it at some instants into private stores, look
// the sampled keys up, make a training set of the same keys and instants, compare.
//
// A view that a stream feeds has its log replayed instead (streamed-path.ts).
//
//   history ─ sample ─▶ rounds (until, [(key, at)…]) ─┬─▶ materializer ▶ private stores ▶ lookups ─┬─▶ tally ─▶ report
//                                                     └─▶ training set of all (key, at) ───────────┘
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifyChanges, VerifyReport } from '../../schemas/wire-types.ts';
import { type Catalog, registeredVersion, type ServableView } from '../catalog/catalog.ts';
import { isStreamed } from '../catalog/look-up.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { createRunRecords } from '../materialize/run-records.ts';
import type { Engine } from '../offline/engine.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import { changesOf } from './changes.ts';
import { saveReport } from './reports.ts';
import type { Round } from './rounds.ts';
import { type Sample, sampleRounds, trainedAt } from './sampling.ts';
import { type PrivateStores, servedValues } from './serving-path.ts';
import { compareStreamed, type ReplayView } from './streamed-path.ts';
import { type Seen, Tally } from './tally.ts';
import { type SkippedView, type VerifiedView, verifiedViews } from './verified-views.ts';

/** The same seed draws the same sample from the same data; `samples` are for each view. */
export interface VerifyRequest extends Sample {
  /** null: all services. */
  readonly service: string | null;
  /** A version of the definitions: what the current one moves against it is told too. Absent or null: nothing is. */
  readonly against?: number | null;
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
  /** A registered version; UNKNOWN_NAME where there is none. */
  readonly version: (version: number) => Promise<Catalog>;
  /** Of the project: with it the records of former runs are read. */
  readonly leases: Leases;
  /** Of the project: keeps the report, and gives a folder for everything else. */
  readonly store: ObjectStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Engine;
  /** Stores in an empty local folder. */
  readonly openPrivate: (folder: string) => Promise<PrivateStores & AsyncDisposable>;
  /** Of the project's logs and lakes. */
  readonly replay: ReplayView;
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
  const { seed, samples, service, against = null } = request;
  const changes = against === null ? {} : { changes: await changesAgainst(options, catalog, { ...request, against }) };
  return await saveReport(options.store, {
    ...{
      kind: 'verify',
      createdAt: formatInstant(started),
      version: registeredVersion(catalog),
      service,
      samples,
      skipped,
    },
    seconds: Number(nowMicros() - started) / 1_000_000,
    ...tally.result(seed),
    ...changes,
  });
}

async function changesAgainst(
  { version, ...options }: VerifierOptions,
  catalog: Catalog,
  { against, ...request }: VerifyRequest & { readonly against: number },
): Promise<VerifyChanges> {
  const versions = { before: await version(against), after: catalog };
  return await changesOf(
    { ...options, runs: createRunRecords({ ...options, catalog: async () => catalog }) },
    versions,
    request,
  );
}

interface Verification extends Omit<VerifierOptions, 'catalog'> {
  readonly catalog: Catalog;
  readonly request: VerifyRequest;
  readonly tally: Tally;
  readonly onProgress: (progress: VerifyProgress) => void;
}

/** Returns why nothing of the view was compared; null where something was. */
async function verifyView(verification: Verification, verified: VerifiedView): Promise<string | null> {
  const { catalog, store, request } = verification;
  const { view } = verified;
  if (isStreamed(catalog, view))
    return await inWorkFolder(store, (folder) => verifyStreamed(verification, { ...verified, view }, folder));
  const rounds = await sampleRounds(verification, catalog, view, request);
  if (rounds.length === 0) return 'its source has no row that counts';
  return await inWorkFolder(store, (folder) => compareRounds(verification, verified, { rounds, folder }));
}

async function inWorkFolder<T>(store: ObjectStore, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await store.workFolder();
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function verifyStreamed(
  verification: Verification,
  verified: VerifiedView & { readonly view: ServableView },
  folder: string,
): Promise<string | null> {
  const { request, openPrivate, onProgress } = verification;
  const serving = join(folder, 'serving');
  await mkdir(serving);
  await using stores = await openPrivate(serving);
  return await compareStreamed({ ...verification, stores }, verified, {
    ...{ seed: request.seed, samples: request.samples, folder: join(folder, 'training') },
    onServed: (done, total) => onProgress({ view: verified.view.name, done, total }),
  });
}

interface Chosen {
  readonly rounds: readonly Round[];
  readonly folder: string;
}

async function compareRounds(
  verification: Verification,
  verified: VerifiedView,
  { rounds, folder }: Chosen,
): Promise<string | null> {
  const { catalog, engine, sourceFiles, signal, graceMicros, openPrivate, tally, onProgress } = verification;
  const { view, features } = verified;
  const serving = join(folder, 'serving');
  await mkdir(serving);
  await using stores = await openPrivate(serving);
  const path = { catalog, stores, engine, sourceFiles, signal, graceMicros };
  const probes = rounds.flatMap((round) => round.probes);
  const onServed = (done: number): void => onProgress({ view: view.name, done, total: probes.length });
  const { served, skipped } = await servedValues(path, verified, { rounds, onServed });
  if (skipped !== null) return skipped;
  const training = join(folder, 'training');
  const expected = await trainedAt(verification, catalog, verified, { probes, folder: training });
  for (const [row, answers] of served.entries())
    for (const [i, feature] of features.entries())
      tally.add(view, feature, { probe: probes[row], expected: expected[row]?.[i], served: answers[i] } as Seen);
  return null;
}
