// GET /v1/datasets/{name}/{version}/parts/{part}: the bytes of one Parquet file, whole or one range, as they are read.
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { PlumbError } from '../../../schemas/errors.ts';
import { PARQUET_TYPE } from '../../../schemas/operations.ts';
import type { Dataset, DatasetPart } from '../../../schemas/wire-types.ts';
import type { DatasetCatalog } from '../../offline/dataset-catalog.ts';
import { datasetFolder } from '../../offline/stored-dataset.ts';
import { quote, shorten } from '../../quote.ts';
import type { ByteRange, ObjectStore } from '../../storage/object-store.ts';
import { parseByteRange } from '../byte-range.ts';
import { datasetFor, datasetVersion } from '../dataset-version.ts';
import { errorResponse } from '../errors.ts';
import { cacheControl, isKnown, rangeHolds } from '../etag.ts';

export function datasetPartRoutes(datasets: DatasetCatalog, store: ObjectStore): Hono {
  const routes = new Hono();
  routes.get('/v1/datasets/:name/:version/parts/:part', async (context) => {
    const wanted = datasetVersion(context);
    const caller = context.get('caller');
    const dataset = await datasetFor(caller, datasets, wanted);
    const part = requirePart(dataset, context.req.param('part'));
    const key = `${datasetFolder(dataset.name, dataset.version)}${part.path}`;
    return await answerPart(context, store, key, part, cacheControl(wanted.version !== null, caller)).catch((error) =>
      toldOfErasure(error, datasets, dataset, part),
    );
  });
  return routes;
}

/** An erasure replaces parts: whoever asks for a former one has to read the manifest again. */
async function toldOfErasure(
  error: unknown,
  datasets: DatasetCatalog,
  { name, version }: Dataset,
  { path }: DatasetPart,
): Promise<never> {
  if (!(error instanceof PlumbError) || error.code !== 'STORAGE_CORRUPT') throw error;
  const { parts } = await datasets.show(name, version);
  if (parts.some((part) => part.path === path)) throw error;
  const message = `parts of the dataset "${name}" version ${version} were replaced by an erasure meanwhile: read its manifest again`;
  throw new PlumbError('CONFLICT', message, { details: { name, version } });
}

function requirePart({ name, version, parts }: Dataset, part: string): DatasetPart {
  const found = /^(0|[1-9]\d{0,8})$/.test(part) ? parts[Number(part)] : undefined;
  if (found !== undefined) return found;
  const message = `found part ${quote(part)} of the dataset "${name}" version ${version}, expected 0 to ${parts.length - 1}`;
  throw new PlumbError('UNKNOWN_NAME', message, { details: { name, version, part: shorten(part) } });
}

async function answerPart(
  context: Context,
  store: ObjectStore,
  key: string,
  { sizeBytes, sha256 }: DatasetPart,
  cache: string,
): Promise<Response> {
  const etag = `"${sha256}"`;
  const headers = { 'Accept-Ranges': 'bytes', ETag: etag, 'Cache-Control': cache };
  if (isKnown(context, etag)) return context.body(null, 304, headers);
  const isHead = context.req.method === 'HEAD';
  const asked = !isHead && rangeHolds(context, etag) ? context.req.header('range') : undefined;
  const range = parseByteRange(asked, sizeBytes);
  if (range === 'unsatisfiable') return unsatisfiable(context, asked ?? '', sizeBytes);
  const { first, last } = range ?? { first: 0, last: sizeBytes - 1 };
  const described = {
    ...headers,
    'Content-Type': PARQUET_TYPE,
    'Content-Length': String(last - first + 1),
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${sizeBytes}` }),
  };
  if (isHead) return context.body(null, 200, described);
  // Opened before anything is said of it: an error has none of these headers.
  const content = await open(store, key, { first, last });
  return context.body(content, range === null ? 200 : 206, described);
}

/** A client that goes away cancels the web stream, which destroys the file's. */
async function open(store: ObjectStore, key: string, range: ByteRange): Promise<ReadableStream> {
  const content = await store.readRange(key, range);
  if (content !== null) return Readable.toWeb(content) as ReadableStream;
  throw new PlumbError('STORAGE_CORRUPT', `the stored object ${key} is gone, though a manifest names it`, {
    details: { key },
  });
}

function unsatisfiable(context: Context, range: string, sizeBytes: number): Response {
  context.header('Accept-Ranges', 'bytes');
  context.header('Content-Range', `bytes */${sizeBytes}`);
  context.header('Cache-Control', 'no-store');
  const message = `Range: found ${quote(range)}, expected a range within ${sizeBytes} bytes`;
  return errorResponse(context, new PlumbError('INVALID_REQUEST', message, { details: { sizeBytes } }), 416);
}
