// Training sets: labels and a service → an immutable snapshot of Parquet parts, its manifest written last.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Erasure } from '../catalog/erasure.ts';
import { requireService, servedFeatures } from '../catalog/look-up.ts';
import { failpoint } from '../failpoint.ts';
import { nowMicros } from '../instant.ts';
import { explainPlan } from '../plan/explain.ts';
import { planTrainingSet } from '../plan/plan-training-set.ts';
import { DATASET_LEASES, type Leases } from '../storage/leases/lease.ts';
import { type Held, whileHeld } from '../storage/leases/while-held.ts';
import { fileUri } from '../storage/location.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SourceFile, SourceFiles } from '../storage/source-files.ts';
import { listSource } from '../storage/source-files.ts';
import type { LabelLimits } from './arrow/label-limits.ts';
import type { ArrowConversion } from './arrow-conversion.ts';
import { boundMarks, setName } from './bound-marks.ts';
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
import { draftOf, type Prepared, parquetMetadata, refuseErasedSince, sha256OfLabels } from './dataset-draft.ts';
import { exportFile, place, refuseInputAsOutput, requireOutFolder } from './dataset-output.ts';
import { evaluatePrepared, timeColumnBeside, writeEntityLabels } from './evaluate.ts';
import { keysJob, labelFiles, planLabels } from './label-files.ts';
import type { PartExport } from './part-files.ts';
import {
  heldParts,
  holdParts,
  planReuse,
  type Reuse,
  requireReusable,
  requireSameInstants,
  requireSameLabels,
  reusedOf,
  reuseLines,
} from './reuse.ts';
import { requireDatasetName } from './stored-dataset.ts';

export interface DatasetsOptions {
  readonly catalog: () => Promise<Catalog>;
  /** As they are now. */
  readonly erasures: () => Promise<readonly Erasure[]>;
  readonly store: ObjectStore;
  readonly sourceFiles: SourceFiles;
  readonly engine: Compute & PartExport;
  readonly leases: Leases;
  /** Arrow IPC in and out, through Parquet files in a work folder. */
  readonly arrow: ArrowConversion;
  /** Of labels that were not uploaded. */
  readonly labelLimits: LabelLimits;
  readonly signal: AbortSignal;
  /** The clock, which says which labels are mature; for tests. */
  readonly nowMicros?: () => bigint;
}

export function createDatasets(options: DatasetsOptions): Datasets {
  const datasets = new DatasetCatalog(options.store);
  const now = options.nowMicros ?? nowMicros;
  return {
    create: (request, onProgress = () => {}) => create({ options, datasets, request, onProgress, builtMicros: now() }),
    explain: (request) => explain({ options, datasets, request, builtMicros: now() }),
    evaluate: (evaluation) => evaluate({ options, datasets }, evaluation, now()),
    list: () => datasets.list(),
    show: (name, version) => datasets.show(name, version),
    keep: (name, version, isKept) => datasets.keep(name, version, isKept),
    bound: async () => (await boundMarks(options.store)).map(setName),
  };
}

interface Ports {
  readonly options: DatasetsOptions;
  readonly datasets: DatasetCatalog;
}

interface Asked extends Ports {
  readonly request: DatasetRequest;
  /** When the build began. */
  readonly builtMicros: bigint;
}

/** A training set that is to be made. */
interface Wanted extends Asked {
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
  return await whileHeld([lease], signal, (held) =>
    build({ ...wanted, options: { ...options, signal: held.signal } }, name, held),
  );
}

async function build(wanted: Wanted, name: string, held: Held): Promise<DatasetManifest> {
  const { options, datasets, request, onProgress } = wanted;
  return await inWorkFolder(options.store, async (folder) => {
    onProgress({ phase: 'reading_labels', rowsDone: 0, rowsTotal: null });
    const prepared = await prepare(wanted, folder);
    const { reuse } = prepared;
    if (reuse !== null && reuse.stored.size > 0) await holdParts({ ...options, datasets }, reuse, folder);
    await refuseInputAsOutput(request, prepared.sources);
    onProgress({ phase: 'computing', rowsDone: 0, rowsTotal: null });
    const metadata = parquetMetadata(prepared.catalog, request.service);
    const outcome = await options.engine.createTrainingSet({
      ...computation(prepared, folder),
      metadata,
      signal: options.signal,
      onProgress: (rowsDone, rowsTotal) => onProgress({ phase: 'writing', rowsDone, rowsTotal }),
    });
    failpoint('dataset.computed');
    refuseWarnings(request, outcome.warnings);
    const out =
      request.outPath === null ? null : await exportFile({ ...options, metadata }, request.outPath, outcome, folder);
    const draft = await draftOf(prepared, request, name, outcome);
    if (reuse !== null) requireSameInstants(reuse.former, draft.labels, outcome.rows);
    const manifest = await datasets.publish(draft, outcome.parts, async () => {
      await held.assertHeld();
      refuseErasedSince(prepared, await options.erasures());
    });
    if (out !== null && request.outPath !== null) await place(out, request.outPath);
    return manifest;
  });
}

function refuseWarnings({ isStrict = false }: DatasetRequest, warnings: readonly string[]): void {
  if (isStrict && warnings.length > 0)
    throw new PlumbError('INVALID_LABELS', `--strict: ${warnings.join('; ')}`, { details: { warnings } });
}

/** What the engine computes. */
const computation = (prepared: Prepared, folder: string) => ({
  ...prepared,
  formerParts:
    prepared.reuse === null || prepared.reuse.stored.size === 0 ? undefined : heldParts(prepared.reuse, folder),
  folder: fileUri(folder),
});

async function explain(asked: Asked): Promise<Explanation> {
  const { signal, engine, store } = asked.options;
  return await inWorkFolder(store, async (folder) => {
    const prepared = await prepare(asked, folder);
    const set = await engine.explainTrainingSet({ ...computation(prepared, folder), signal });
    const { keys, sources, reuse } = prepared;
    const plan = [explainPlan(prepared.plan), ...(reuse === null ? [] : reuseLines(reusedOf(reuse)))].join('\n');
    if (keys === null) return { plan, ...set };
    const found = await engine.explainKeys(keysJob(keys, { sources, folder, signal }));
    return {
      plan: [explainPlan(keys), plan].join('\n'),
      strategy: [...found.strategy, ...set.strategy],
      sql: [...found.sql, ...set.sql],
    };
  });
}

/** What a lookup would have: no labels. */
async function evaluate({ options, datasets }: Ports, evaluation: Evaluation, builtMicros: bigint): Promise<Evaluated> {
  const { service } = evaluation;
  return await inWorkFolder(options.store, async (folder) => {
    const catalog = withoutLabels(await options.catalog(), service);
    const plan = planTrainingSet(catalog, requireService(catalog, service), '', { builtMicros });
    const timestampColumn = timeColumnBeside([
      ...plan.labels.keys.map(({ column }) => column),
      ...plan.outputs.map(({ name }) => name),
    ]);
    const path = await writeEntityLabels(evaluation, { ...plan.labels, timestampColumn }, folder);
    const labels = { kind: 'file', path, timestampUnit: null } as const;
    const request = { service, labels, timestampColumn, name: null, outPath: null };
    const asked = { options: { ...options, catalog: async () => catalog }, datasets, request, builtMicros };
    const prepared = await prepare(asked, folder);
    return await evaluatePrepared(options.engine, prepared, { folder, signal: options.signal });
  });
}

/** The catalog, with a service that has no label any more. */
function withoutLabels(catalog: Catalog, name: string): Catalog {
  const service = requireService(catalog, name);
  const features = servedFeatures(catalog, `service ${name}`, service.features);
  return { ...catalog, services: new Map([[name, { ...service, features }]]) };
}

async function prepare({ options, datasets, request, builtMicros }: Asked, folder: string): Promise<Prepared> {
  const erasures = await options.erasures();
  const catalog: Catalog = { ...(await options.catalog()), ...(erasures.length === 0 ? {} : { erasures }) };
  const service = requireService(catalog, request.service);
  const former = await formerOf(datasets, request, erasures);
  const plan = planTrainingSet(catalog, service, request.timestampColumn, { builtMicros });
  const keys = planLabels(catalog, request, plan);
  const sources = new Map<string, readonly SourceFile[]>();
  for (const { rows } of [...plan.parts, ...(keys === null ? [] : [keys.values])]) {
    const { id, source } = rows.scan;
    if (!sources.has(id)) sources.set(id, await listSource(options.sourceFiles, source));
  }
  const labels = await labelFiles(options, { request, keys, sources, folder });
  const whole = { catalog, plan, builtMicros, keys, labels, sources, reuse: null };
  if (former === null) return whole;
  const { timestampColumn } = request;
  requireSameLabels(former, { sha256: await sha256OfLabels(request, labels), timestampColumn });
  const reuse = planReuse(catalog, request, { former, sources });
  return { ...whole, plan: planTrainingSet(catalog, service, timestampColumn, { builtMicros, ...reuse }), reuse };
}

async function formerOf(
  datasets: DatasetCatalog,
  { reuse }: DatasetRequest,
  erasures: readonly Erasure[],
): Promise<Reuse['former'] | null> {
  return reuse === undefined ? null : requireReusable(await datasets.show(reuse.name, reuse.version), erasures);
}

async function inWorkFolder<T>(store: ObjectStore, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await store.workFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
