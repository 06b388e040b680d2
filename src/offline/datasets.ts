// Training sets: labels and a service → an immutable snapshot of Parquet parts, its manifest written last.
import { randomUUID } from 'node:crypto';
import { copyFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { requireService } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { oneOf } from '../nearest.ts';
import { explainPlan } from '../plan/explain.ts';
import type { TrainingSetNode } from '../plan/nodes.ts';
import { planTrainingSet } from '../plan/plan-training-set.ts';
import { DATASET_LEASES, type Lease, type Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFiles } from '../storage/source-files.ts';
import { listSource } from '../storage/source-files.ts';
import type { LabelLimits } from './arrow/label-limits.ts';
import type { Compute, LabelFiles, SourceFilesByName, TrainingSetOutcome } from './compute.ts';
import type { DatasetManifest, DatasetProgress, DatasetRequest, Datasets, Explanation } from './dataset.ts';
import { DatasetCatalog, requireDatasetName } from './dataset-catalog.ts';
import { labelFormat } from './label-format.ts';
import { sha256OfFile } from './manifest.ts';
import type { PartExport } from './part-files.ts';

export interface DatasetsOptions {
  readonly catalog: () => Promise<Catalog>;
  readonly store: ObjectStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Compute & PartExport;
  readonly leases: Leases;
  /** Arrow IPC in and out, through Parquet files in a work folder. */
  readonly arrow: ArrowConversion;
  /** Of labels that were not uploaded. */
  readonly labelLimits: LabelLimits;
  readonly signal: AbortSignal;
}

export interface ArrowConversion {
  toParquet(path: string, folder: string, limits: LabelLimits): Promise<readonly { readonly localPath: string }[]>;
  fromParquet(parts: readonly string[], target: string): Promise<number>;
}

type OnProgress = ((progress: DatasetProgress) => void) | undefined;

export function createDatasets(options: DatasetsOptions): Datasets {
  const datasets = new DatasetCatalog(options.store);
  return {
    create: (request, onProgress) => create(options, datasets, request, onProgress),
    explain: (request) => explain(options, request),
    list: () => datasets.list(),
    show: (name, version) => datasets.show(name, version),
    keep: (name, version, isKept) => datasets.keep(name, version, isKept),
  };
}

interface Prepared {
  readonly catalog: Catalog;
  readonly plan: TrainingSetNode;
  readonly labels: LabelFiles;
  readonly sources: SourceFilesByName;
}

async function create(
  options: DatasetsOptions,
  datasets: DatasetCatalog,
  request: DatasetRequest,
  onProgress: OnProgress,
): Promise<DatasetManifest> {
  const name = request.name ?? request.service;
  requireDatasetName(name);
  await requireOutFolder(request.outPath);
  await options.catalog(); // Without one, that is the mistake, and not a lease that has no place.
  const { signal } = options;
  const purpose = `building the dataset ${name}`;
  await using lease = await options.leases.acquire(`${DATASET_LEASES}${randomUUID()}`, { purpose, signal, once: true });
  try {
    return await build(
      { ...options, signal: AbortSignal.any([signal, lease.signal]) },
      lease,
      datasets,
      request,
      name,
      onProgress,
    );
  } catch (error) {
    // What is told of a lost lease is why, not that the work was cancelled for it.
    if (!signal.aborted) lease.signal.throwIfAborted();
    throw error;
  }
}

async function build(
  options: DatasetsOptions,
  lease: Lease,
  datasets: DatasetCatalog,
  request: DatasetRequest,
  name: string,
  onProgress: OnProgress,
): Promise<DatasetManifest> {
  return await inWorkFolder(options.store, async (folder) => {
    onProgress?.({ phase: 'reading_labels', rowsDone: 0, rowsTotal: null });
    const prepared = await prepare(options, request, folder);
    await refuseInputAsOutput(request, prepared.sources);
    onProgress?.({ phase: 'computing', rowsDone: 0, rowsTotal: null });
    const outcome = await options.engine.createTrainingSet({
      ...prepared,
      folder,
      signal: options.signal,
      onProgress: (rowsDone, rowsTotal) => onProgress?.({ phase: 'writing', rowsDone, rowsTotal }),
    });
    failpoint('dataset.computed');
    refuseWarnings(request, outcome.warnings);
    const out = request.outPath === null ? null : await exportFile(options, request.outPath, outcome, folder);
    const draft = await draftOf(prepared, request, name, outcome);
    const manifest = await datasets.publish(draft, outcome.parts, () => lease.assertHeld());
    if (out !== null && request.outPath !== null) await place(out, request.outPath);
    return manifest;
  });
}

function refuseWarnings({ isStrict = false }: DatasetRequest, warnings: readonly string[]): void {
  if (isStrict && warnings.length > 0)
    throw new PlumbError('INVALID_LABELS', `--strict: ${warnings.join('; ')}`, { details: { warnings } });
}

async function explain(options: DatasetsOptions, request: DatasetRequest): Promise<Explanation> {
  return await inWorkFolder(options.store, async (folder) => {
    const prepared = await prepare(options, request, folder);
    const { strategy, sql } = await options.engine.explainTrainingSet({ ...prepared, folder, signal: options.signal });
    return { plan: explainPlan(prepared.plan), strategy, sql };
  });
}

async function prepare(options: DatasetsOptions, request: DatasetRequest, folder: string): Promise<Prepared> {
  const catalog = await options.catalog();
  const plan = planTrainingSet(catalog, requireService(catalog, request.service), request.timestampColumn);
  const sources = new Map<string, Awaited<ReturnType<SourceFiles['list']>>>();
  for (const { rows } of plan.parts) sources.set(rows.source.name, await listSource(options.sourceFiles, rows.source));
  return { catalog, plan, labels: await labelFiles(options, request, folder), sources };
}

async function labelFiles(
  { arrow, ...own }: DatasetsOptions,
  request: DatasetRequest,
  folder: string,
): Promise<LabelFiles> {
  const {
    labelsPath,
    labelsName: name = basename(labelsPath),
    timestampUnit,
    labelLimits: limits = own.labelLimits,
  } = request;
  const found = await stat(labelsPath).catch(() => null);
  if (found === null || !found.isFile())
    throw new PlumbError(
      'INVALID_LABELS',
      `the labels file ${name} ${found === null ? 'does not exist' : 'is not a file'}`,
    );
  const format = labelFormat(labelsPath);
  if (format !== 'arrow') return { paths: [labelsPath], name, format, timestampUnit, limits };
  return {
    paths: (await arrow.toParquet(labelsPath, folder, limits)).map(({ localPath }) => localPath),
    name,
    format: 'parquet',
    timestampUnit,
    limits,
  };
}

async function draftOf(
  { catalog, plan, sources }: Prepared,
  request: DatasetRequest,
  name: string,
  outcome: TrainingSetOutcome,
) {
  const { interval } = outcome;
  return {
    name,
    createdAt: formatInstant(nowMicros()),
    project: catalog.project,
    registryVersion: catalog.version,
    service: request.service,
    columns: columnsOf(plan, outcome),
    warnings: outcome.warnings,
    labels: {
      file: request.labelsName ?? basename(request.labelsPath),
      sha256: await sha256OfFile(request.labelsPath),
      timestampColumn: request.timestampColumn,
      interval:
        interval === null ? null : { from: formatInstant(interval.fromMicros), to: formatInstant(interval.toMicros) },
    },
    sources: [...sources].map(([source, files]) => ({
      name: source,
      files: files.map(({ path, sizeBytes, identity }) => ({ path, sizeBytes, identity })),
    })),
  };
}

const columnsOf = (plan: TrainingSetNode, { columns }: TrainingSetOutcome): DatasetManifest['columns'] =>
  columns.map(({ name, physical }) => ({
    name,
    type:
      plan.outputs.find((output) => output.name === name)?.type ??
      plan.labels.keys.find(({ column }) => column === name)?.type ??
      'label',
    physical,
  }));

const OUT_ENDINGS = ['.parquet', '.jsonl', '.csv', '.arrow'];

/** Refused before anything is computed. */
async function requireOutFolder(outPath: string | null): Promise<void> {
  if (outPath === null) return;
  if (!OUT_ENDINGS.includes(extname(outPath)))
    throw new PlumbError('INVALID_REQUEST', `--out ${outPath}: expected a file ending in ${oneOf(OUT_ENDINGS)}`);
  const folder = await stat(dirname(outPath)).catch(() => null);
  if (folder === null || !folder.isDirectory())
    throw new PlumbError('INVALID_REQUEST', `--out ${outPath}: its folder does not exist`);
}

/** Labels and sources are never overwritten. */
async function refuseInputAsOutput({ outPath, labelsPath }: DatasetRequest, sources: SourceFilesByName): Promise<void> {
  const real = outPath === null ? null : await realpath(outPath).catch(() => null);
  if (real === null) return;
  const inputs = [await realpath(labelsPath), ...[...sources.values()].flat().map(({ localPath }) => localPath)];
  if (!inputs.includes(real)) return;
  throw new PlumbError(
    'INVALID_REQUEST',
    `--out ${outPath}: that file is read for this training set; choose another one`,
  );
}

async function exportFile(
  { engine, arrow, signal }: DatasetsOptions,
  outPath: string,
  outcome: TrainingSetOutcome,
  folder: string,
): Promise<string> {
  const target = join(folder, `out${extname(outPath)}`);
  const paths = outcome.parts.map(({ localPath }) => localPath);
  if (target.endsWith('.arrow')) await arrow.fromParquet(paths, target);
  else await engine.exportParts(paths, target, folder, signal);
  return target;
}

/** Whole or not at all: copied beside its place, then renamed. */
async function place(file: string, outPath: string): Promise<void> {
  const beside = `${outPath}.${process.pid}.tmp`;
  try {
    await copyFile(file, beside);
    await rename(beside, outPath);
  } catch (cause) {
    await rm(beside, { force: true });
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new PlumbError(
      full ? 'RESOURCE_EXHAUSTED' : 'STORAGE_UNAVAILABLE',
      `the training set is stored, but ${outPath} could not be written: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function inWorkFolder<T>(store: ObjectStore, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await store.workFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
