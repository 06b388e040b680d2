// POST /v1/datasets: labels by column, by path or as an Arrow IPC stream → a job.
// GET /v1/datasets, GET /v1/datasets/{name}/{version}
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Context, Hono } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { ARROW_STREAM_TYPE } from '../../../schemas/operations.ts';
import { datasetQuerySchema, datasetRequestSchema } from '../../../schemas/wire.ts';
import type { DatasetRequest, Job, KeysOfLabels } from '../../../schemas/wire-types.ts';
import type { Caller } from '../../access/caller.ts';
import type { Catalog, FeatureService } from '../../catalog/catalog.ts';
import { requireService, requireView } from '../../catalog/look-up.ts';
import { parseVersioned, type Versioned } from '../../catalog/versioned.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { UploadedLabels } from '../../jobs/job-states.ts';
import { oneOf } from '../../nearest.ts';
import type { LabelLimits } from '../../offline/arrow/label-limits.ts';
import type { DatasetRequest as DatasetWork } from '../../offline/dataset.ts';
import type { DatasetCatalog } from '../../offline/dataset-catalog.ts';
import { keysOf } from '../../offline/keys-of.ts';
import { requireReusable } from '../../offline/reuse.ts';
import { requireDatasetName } from '../../offline/stored-dataset.ts';
import { planKeys, requireKeysOf } from '../../plan/plan-keys.ts';
import { plannedLabels } from '../../plan/plan-training-set.ts';
import { shorten } from '../../quote.ts';
import type { CatalogProvider } from '../../registry/fresh-catalog.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { requireContract } from '../contract.ts';
import { datasetFor, datasetVersion, requireMayMake } from '../dataset-version.ts';
import { cacheControl, etagOfText, isKnown } from '../etag.ts';
import { acceptedJob, jsonBody, jsonText } from '../json.ts';
import { type LabelColumns, requireEqualLengths, writeInlineLabels } from '../labels/inline-labels.ts';
import { requireLabelPath } from '../labels/label-roots.ts';
import { requireBounded } from '../labels/label-shape.ts';
import { requireFewNestedValues } from '../labels/nested-cells.ts';
import { writeUploadedLabels } from '../labels/uploaded-labels.ts';
import type { HttpLimits } from '../limits.ts';
import { cursorOf, pageRequest } from '../pages.ts';
import { readQuery, refuseQuery } from '../query.ts';
import { readJsonBody } from '../request-body.ts';

export interface DatasetPorts {
  readonly jobs: JobQueue;
  readonly datasets: DatasetCatalog;
  readonly catalog: CatalogProvider;
  readonly store: ObjectStore;
  readonly limits: HttpLimits;
  /** Absolute paths. */
  readonly labelRoots: readonly string[];
}

export function datasetRoutes(ports: DatasetPorts): Hono {
  const routes = new Hono();
  routes.post('/v1/datasets', async (context) => {
    using place = await ports.jobs.reserve();
    const isArrow = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() === ARROW_STREAM_TYPE;
    return acceptedJob(
      context,
      isArrow ? await createFromArrow(context, ports, place) : await createFromJson(context, ports, place),
    );
  });
  routes.get('/v1/datasets', async (context) => {
    const { limit, after } = pageRequest(context);
    const { datasets, damaged, hasMore, last } = await ports.datasets.page(limit, after);
    const next = hasMore && last !== null ? cursorOf(last) : null;
    return jsonBody(context, { datasets, ...(damaged.length === 0 ? {} : { damaged }), next });
  });
  routes.get('/v1/datasets/:name/:version', (context) => answerDataset(context, ports.datasets));
  return routes;
}

async function answerDataset(context: Context, datasets: DatasetCatalog): Promise<Response> {
  const wanted = datasetVersion(context);
  const caller = context.get('caller');
  const dataset = await datasetFor(caller, datasets, wanted);
  const body = jsonText(dataset);
  const etag = etagOfText(body);
  context.header('ETag', etag);
  context.header('Cache-Control', cacheControl(wanted.version !== null, caller));
  if (isKnown(context, etag)) return context.body(null, 304);
  return context.body(body, 200, { 'Content-Type': 'application/json' });
}

type Wanted = Omit<DatasetRequest, 'labels'>;

async function createFromJson(context: Context, ports: DatasetPorts, place: Disposable): Promise<Job> {
  const body = await readJsonBody(context, ports.limits.bodyBytes);
  refuseQuery(context);
  const { labels, ...wanted } = requireContract(datasetRequestSchema, body, '$');
  await requireMayMake(context.get('caller'), ports.datasets, datasetOf(wanted));
  const catalog = await ports.catalog.current();
  requireDataset(catalog, wanted);
  await requireFormer(context, ports, wanted);
  if ('keysOf' in labels) {
    requireOwnKeys(context.get('caller'), requireService(catalog, wanted.service), labels.keysOf);
    return await create(ports, place, wanted, { labels: requireKeys(catalog, wanted, labels) });
  }
  if ('path' in labels) {
    const path = await requireLabelPath(labels.path, ports.labelRoots);
    return await create(ports, place, wanted, { labels: fileLabels(wanted, path, basename(path)) });
  }
  const columns = labels.columns as LabelColumns; // as readJsonBody parsed them
  requireBounded(columns, ports.limits);
  requireEqualLengths(columns, ports.limits.labelRows);
  requireFewNestedValues(columns);
  requireLabelColumns(catalog, wanted, Object.keys(columns));
  return await withFile(ports, 'labels.jsonl', async (localPath) => {
    await writeInlineLabels(columns, localPath, ports.limits.labelDecompressedBytes);
    return await createUploaded(ports, place, wanted, { localPath, ending: '.jsonl' });
  });
}

async function createFromArrow(context: Context, ports: DatasetPorts, place: Disposable): Promise<Job> {
  const wanted = readQuery(context, datasetQuerySchema);
  await requireMayMake(context.get('caller'), ports.datasets, datasetOf(wanted));
  requireDataset(await ports.catalog.current(), wanted);
  await requireFormer(context, ports, wanted);
  return await withFile(ports, 'upload.arrow', async (localPath) => {
    await writeUploadedLabels(context, localPath, ports.limits.labelBytes);
    return await createUploaded(ports, place, wanted, { localPath, ending: '.arrow' });
  });
}

/** In a folder of its own, which is gone afterwards: the job has taken the file, or there is no job. */
async function withFile(ports: DatasetPorts, name: string, use: (path: string) => Promise<Job>): Promise<Job> {
  const folder = await ports.store.workFolder();
  try {
    return await use(join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Labels = DatasetWork['labels'];

const fileLabels = ({ timestampUnit }: Wanted, path: string, name: string) =>
  ({ kind: 'file', path, name, timestampUnit: timestampUnit ?? null }) as const;

function createUploaded(
  ports: DatasetPorts,
  place: Disposable,
  wanted: Wanted,
  uploaded: UploadedLabels,
): Promise<Job> {
  const file = fileLabels(wanted, uploaded.localPath, UPLOAD_NAMES[uploaded.ending]);
  return create(ports, place, wanted, { labels: { ...file, limits: uploadLimits(ports.limits) }, uploaded });
}

const UPLOAD_NAMES: Readonly<Record<UploadedLabels['ending'], string>> = {
  '.jsonl': 'labels.jsonl',
  '.arrow': 'upload.arrow',
};

function create(
  { jobs }: DatasetPorts,
  place: Disposable,
  wanted: Wanted,
  { labels, uploaded = null }: { readonly labels: Labels; readonly uploaded?: UploadedLabels | null },
): Promise<Job> {
  const { service, name = service, timestampColumn = DEFAULT_TIMESTAMP_COLUMN } = wanted;
  const reuse = reuseOf(wanted);
  const request = { service, name, timestampColumn };
  return jobs.create(
    {
      kind: 'dataset',
      request,
      work: {
        kind: 'dataset',
        request: { ...request, labels, outPath: null, ...(reuse === null ? {} : { reuse }) },
      },
      labels: uploaded,
    },
    place,
  );
}

const uploadLimits = (limits: HttpLimits): LabelLimits => ({
  columns: limits.labelColumns,
  depth: limits.labelDepth,
  rows: limits.uploadedLabelRows,
  decompressedBytes: limits.labelDecompressedBytes,
});

const DEFAULT_TIMESTAMP_COLUMN = 'event_timestamp';

const datasetOf = ({ service, name = service }: Wanted) => ({ service, name });

function requireDataset(catalog: Catalog, { service, name = service }: Wanted): void {
  requireService(catalog, service);
  requireDatasetName(name);
}

const reuseOf = ({ reuse }: Wanted): Versioned | null => (reuse === undefined ? null : parseVersioned(reuse));

/** That the caller may read what the new set would hold. */
async function requireFormer(context: Context, { datasets }: DatasetPorts, wanted: Wanted): Promise<void> {
  const reuse = reuseOf(wanted);
  if (reuse !== null) requireReusable(await datasetFor(context.get('caller'), datasets, reuse));
}

/** Which keys a view has is told by their training set. */
const requireOwnKeys = (caller: Caller, { features }: FeatureService, keysOf: string): void =>
  caller.requireView(
    keysOf,
    features.some(({ view }) => view === keysOf),
  );

/** What can be said at once: the job plans it again. */
function requireKeys(catalog: Catalog, wanted: Wanted, { keysOf: view, ...when }: KeysOfLabels): Labels {
  const { service, timestampColumn = DEFAULT_TIMESTAMP_COLUMN } = wanted;
  if (wanted.timestampUnit !== undefined)
    throw new PlumbError('INVALID_REQUEST', '$.timestampUnit: the instants of keys have no unit: leave it out');
  const labels = keysOf({ view, ...when }, KEYS_PATHS);
  const needed = plannedLabels(catalog, requireService(catalog, service), timestampColumn);
  const found = requireView(catalog, view);
  requireKeysOf(found, needed, service);
  planKeys(catalog, found, labels.grid, timestampColumn);
  return labels;
}

const KEYS_PATHS = { at: '$.labels.at', from: '$.labels.from', to: '$.labels.to', every: '$.labels.every' };

/** The engine checks their values; that they are there can be said at once. */
function requireLabelColumns(catalog: Catalog, wanted: Wanted, names: readonly string[]): void {
  const { service, timestampColumn = DEFAULT_TIMESTAMP_COLUMN } = wanted;
  const { keys } = plannedLabels(catalog, requireService(catalog, service), timestampColumn);
  const missing = [timestampColumn, ...keys.map(({ column }) => column)].find((name) => !names.includes(name));
  if (missing === undefined) return;
  const path = '$.labels.columns';
  const message = `${path}: found ${oneOf(names.map(shorten))}, expected ${missing} too`;
  throw new PlumbError('INVALID_LABELS', message, { details: { path, column: missing } });
}
