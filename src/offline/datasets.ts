// Training sets: labels and a service → an immutable snapshot of Parquet parts, its manifest written last.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { requireService } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { explainPlan } from '../plan/explain.ts';
import { planTrainingSet } from '../plan/plan-training-set.ts';
import { DATASET_LEASES, type Lease, type Leases } from '../storage/leases/lease.ts';
import { fileUri } from '../storage/location.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFile, SourceFiles } from '../storage/source-files.ts';
import { listSource } from '../storage/source-files.ts';
import type { LabelLimits } from './arrow/label-limits.ts';
import type { ArrowConversion } from './arrow-conversion.ts';
import type { Compute } from './compute.ts';
import type {
  DatasetManifest,
  DatasetProgress,
  DatasetRequest,
  Datasets,
  Evaluated,
  Evaluation,
  Explanation,
} from './dataset.ts';
import { DatasetCatalog } from './dataset-catalog.ts';
import { draftOf, type Prepared, parquetMetadata } from './dataset-draft.ts';
import { exportFile, place, refuseInputAsOutput, requireOutFolder } from './dataset-output.ts';
import { evaluatePrepared, timeColumnBeside, writeEntityLabels } from './evaluate.ts';
import { keysJob, labelFiles, planLabels } from './label-files.ts';
import type { PartExport } from './part-files.ts';
import { requireDatasetName } from './stored-dataset.ts';

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

export function createDatasets(options: DatasetsOptions): Datasets {
  const datasets = new DatasetCatalog(options.store);
  return {
    create: (request, onProgress = () => {}) => create({ options, datasets, request, onProgress }),
    explain: (request) => explain(options, request),
    evaluate: (evaluation) => evaluate(options, evaluation),
    list: () => datasets.list(),
    show: (name, version) => datasets.show(name, version),
    keep: (name, version, isKept) => datasets.keep(name, version, isKept),
  };
}

/** A training set that is to be made. */
interface Wanted {
  readonly options: DatasetsOptions;
  readonly datasets: DatasetCatalog;
  readonly request: DatasetRequest;
  readonly onProgress: (progress: DatasetProgress) => void;
}

async function create(wanted: Wanted): Promise<DatasetManifest> {
  const { options, request } = wanted;
  const name = request.name ?? request.service;
  requireDatasetName(name);
  await requireOutFolder(request.outPath);
  await options.catalog(); // Without one, that is the mistake, and not a lease that has no place.
  const { signal } = options;
  const purpose = `building the dataset ${name}`;
  await using lease = await options.leases.acquire(`${DATASET_LEASES}${randomUUID()}`, { purpose, signal, once: true });
  try {
    const held = { ...options, signal: AbortSignal.any([signal, lease.signal]) };
    return await build({ ...wanted, options: held }, name, lease);
  } catch (error) {
    // What is told of a lost lease is why, not that the work was cancelled for it.
    if (!signal.aborted) lease.signal.throwIfAborted();
    throw error;
  }
}

async function build(wanted: Wanted, name: string, lease: Lease): Promise<DatasetManifest> {
  const { options, datasets, request, onProgress } = wanted;
  return await inWorkFolder(options.store, async (folder) => {
    onProgress({ phase: 'reading_labels', rowsDone: 0, rowsTotal: null });
    const prepared = await prepare(options, request, folder);
    await refuseInputAsOutput(request, prepared.sources);
    onProgress({ phase: 'computing', rowsDone: 0, rowsTotal: null });
    const metadata = parquetMetadata(prepared.catalog, request.service);
    const outcome = await options.engine.createTrainingSet({
      ...prepared,
      metadata,
      folder: fileUri(folder),
      signal: options.signal,
      onProgress: (rowsDone, rowsTotal) => onProgress({ phase: 'writing', rowsDone, rowsTotal }),
    });
    failpoint('dataset.computed');
    refuseWarnings(request, outcome.warnings);
    const out =
      request.outPath === null ? null : await exportFile({ ...options, metadata }, request.outPath, outcome, folder);
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
    const { signal, engine } = options;
    const set = await engine.explainTrainingSet({ ...prepared, folder: fileUri(folder), signal });
    const { keys, sources } = prepared;
    if (keys === null) return { plan: explainPlan(prepared.plan), ...set };
    const found = await engine.explainKeys(keysJob(keys, { sources, folder, signal }));
    return {
      plan: [keys, prepared.plan].map(explainPlan).join('\n'),
      strategy: [...found.strategy, ...set.strategy],
      sql: [...found.sql, ...set.sql],
    };
  });
}

async function evaluate(options: DatasetsOptions, evaluation: Evaluation): Promise<Evaluated> {
  const { service } = evaluation;
  return await inWorkFolder(options.store, async (folder) => {
    const catalog = await options.catalog();
    const plan = planTrainingSet(catalog, requireService(catalog, service), '');
    const timestampColumn = timeColumnBeside(plan.labels.keys.map(({ column }) => column));
    const path = await writeEntityLabels(evaluation, { ...plan.labels, timestampColumn }, folder);
    const labels = { kind: 'file', path, timestampUnit: null } as const;
    const request = { service, labels, timestampColumn, name: null, outPath: null };
    const prepared = await prepare({ ...options, catalog: async () => catalog }, request, folder);
    return await evaluatePrepared(options.engine, prepared, { folder, signal: options.signal });
  });
}

async function prepare(options: DatasetsOptions, request: DatasetRequest, folder: string): Promise<Prepared> {
  const catalog = await options.catalog();
  const plan = planTrainingSet(catalog, requireService(catalog, request.service), request.timestampColumn);
  const keys = planLabels(catalog, request, plan);
  const sources = new Map<string, readonly SourceFile[]>();
  for (const { rows } of [...plan.parts, ...(keys === null ? [] : [keys.values])]) {
    const { id, source } = rows.scan;
    if (!sources.has(id)) sources.set(id, await listSource(options.sourceFiles, source));
  }
  const labels = await labelFiles(options, { request, keys, sources, folder });
  return { catalog, plan, keys, labels, sources };
}

async function inWorkFolder<T>(store: ObjectStore, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await store.workFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
