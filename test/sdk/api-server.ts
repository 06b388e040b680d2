// A small server that speaks the HTTP contract for the project of ../e2e/shop.ts and serves real Parquet files: for what a
// real server does not do on demand, such as a slow job or a broken answer.
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tableFromIPC } from 'apache-arrow';
import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import type { Dataset, DatasetJob, Job, MaterializationJob, PushAnswer } from '../../schemas/wire-types.ts';
import { formatInstant, nowMicros, parseInstant } from '../../src/instant.ts';
import { type JsonObject, parseJson } from '../../src/lossless-json.ts';
import { type PartFiles, writeParts } from './part-files.ts';
import { FEATURES, shopRow } from './shop-world.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers in place of the server where it returns true; `seen` is the request. */
export type Intervention = (seen: Seen, response: ServerResponse) => boolean | Promise<boolean>;

export interface ApiServer {
  readonly url: string;
  /** Requests so far, oldest first. */
  readonly seen: Seen[];
  /** Bytes of parts sent so far. */
  readonly partBytes: () => number;
  /** Each is asked in turn, and stays until it is taken out. */
  readonly interventions: Intervention[];
  /** How long jobs stay queued, and then running. */
  jobMillis: number;
  add(files: PartFiles): void;
  stop(): Promise<void>;
}

class Refusal extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startApiServer(): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-sdk-'));
  const state = new State(folder);
  const server = createServer((request, response) => {
    answer(state, request, response).catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  let stopped: Promise<void> | null = null;
  const stopOnce = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  after(stopOnce);
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, partBytes: () => state.sentBytes, stop: stopOnce });
}

class State {
  readonly folder: string;
  readonly seen: Seen[] = [];
  readonly interventions: Intervention[] = [];
  readonly jobs = new Map<string, Job>();
  readonly datasets = new Map<string, PartFiles[]>();
  jobMillis = 5;
  sentBytes = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  add(files: PartFiles): void {
    this.datasets.set(files.manifest.name, [...(this.datasets.get(files.manifest.name) ?? []), files]);
  }
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
  'access-control-allow-headers': 'content-type, range, authorization',
  'access-control-expose-headers': 'content-range, etag, retry-after, x-request-id',
};

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://server');
  const seen = {
    method: request.method ?? '',
    path: url.pathname,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
  if (seen.method === 'OPTIONS') return void response.writeHead(204).end();
  state.seen.push(seen);
  for (const intervene of state.interventions) if (await intervene(seen, response)) return;
  try {
    await route(state, seen, url.searchParams, response);
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'INTERNAL';
    send(response, ERRORS[code].status, { error: { code, message: String((error as Error).message), details: {} } });
  }
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body, (_name, value) => (typeof value === 'bigint' ? `@@${value}` : value));
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text.replaceAll(/"@@(-?\d+)"/g, '$1'));
}

async function route(state: State, seen: Seen, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const { method, path } = seen;
  const [, , resource = '', ...names] = path.split('/').map(decodeURIComponent);
  if (path === '/readyz') return send(response, 200, { status: 'ready' });
  if (path === '/v1/online-features') return send(response, 200, lookup(parseBody(seen)));
  if (resource === 'sources' && method === 'POST') return send(response, 202, pushed(parseBody(seen)));
  if (resource === 'jobs') return send(response, 200, jobRoute(state, method, names[0] ?? ''));
  if (resource === 'datasets' && method === 'POST') return send(response, 202, await createDataset(state, seen, query));
  if (resource === 'datasets' && names.length === 0) return send(response, 200, page('datasets', newest(state), query));
  if (resource === 'datasets' && names[2] === 'parts') return await sendPart(state, names, seen, response);
  if (resource === 'datasets') return send(response, 200, dataset(state, names[0] ?? '', names[1] ?? '').manifest);
  if (resource === 'materializations' && method === 'POST')
    return send(response, 202, materialize(state, parseBody(seen)));
  if (resource === 'materializations') {
    const jobs = [...state.jobs.values()].filter(({ kind }) => kind === 'materialization').reverse();
    return send(
      response,
      200,
      names.length === 0 ? page('materializations', jobs, query) : jobOf(state, names[0] ?? ''),
    );
  }
  return send(response, 200, registryRoute(resource, names[0], query));
}

/** All are new. */
const pushed = ({ events }: JsonObject): PushAnswer => ({
  ...{ accepted: (events as readonly unknown[]).length, duplicates: 0, differing: [], ignored: 0, rejected: [] },
});

const parseBody = ({ body }: Seen): JsonObject => parseJson(body.toString(), 'the body') as JsonObject;

function lookup(request: JsonObject): object {
  const { service = null, features, entities, statuses, at } = request;
  if (service !== null && service !== 'ranking') throw new Refusal('UNKNOWN_NAME', `no feature service ${service}`);
  const micros = at === undefined ? nowMicros() : (parseInstant(String(at)) ?? 0n);
  const names = (features as readonly string[] | undefined)?.map((name) => name.replace(':', '__')) ?? [...FEATURES];
  const pick = names.map((name) => (FEATURES as readonly string[]).indexOf(name));
  const rows = (entities as readonly JsonObject[]).map((entity, i) => {
    if (entity.user_id === undefined) throw new Refusal('INVALID_REQUEST', `entities[${i}].user_id is missing`);
    return shopRow(entity.user_id, micros);
  });
  const written = (value: unknown): unknown =>
    request.int64 === 'string' && (typeof value === 'bigint' || Number.isInteger(value)) ? String(value) : value;
  return {
    service,
    version: 1,
    features: names,
    rows: rows.map(({ values }) => pick.map((column) => written(values[column]))),
    ...(statuses === true ? { statuses: rows.map((row) => pick.map((column) => row.statuses[column])) } : {}),
    at: formatInstant(micros),
    ...(request.explain === true ? { explain: names.map(explained) } : {}),
  };
}

/** No more than the SDK passes on. */
const explained = (name: string): object => ({ name, equal: true, window: { from: null }, rows: [] });

function page(field: string, items: readonly unknown[], query: URLSearchParams): object {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 100);
  return { [field]: items.slice(start, end), next: end < items.length ? String(end) : null };
}

const newest = (state: State): readonly Dataset[] =>
  [...state.datasets.values()].flatMap((versions) => versions.slice(-1).map(({ manifest }) => manifest));

function dataset(state: State, name: string, version: string): PartFiles {
  const versions = state.datasets.get(name) ?? [];
  const found =
    version === 'latest' ? versions.at(-1) : versions.find(({ manifest }) => String(manifest.version) === version);
  if (found === undefined) throw new Refusal('UNKNOWN_NAME', `no dataset ${name} ${version}`);
  return found;
}

async function sendPart(state: State, names: readonly string[], seen: Seen, response: ServerResponse): Promise<void> {
  const { manifest, paths } = dataset(state, names[0] ?? '', names[1] ?? '');
  const part = manifest.parts[Number(names[3])];
  const path = paths[Number(names[3])];
  if (part === undefined || path === undefined) throw new Refusal('UNKNOWN_NAME', 'no such part');
  const range = /^bytes=(\d+)-(\d+)$/.exec(seen.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] ?? part.sizeBytes - 1), part.sizeBytes - 1);
  const ranged = range === null ? {} : { 'content-range': `bytes ${start}-${end}/${part.sizeBytes}` };
  const headers = {
    'content-type': 'application/vnd.apache.parquet',
    'accept-ranges': 'bytes',
    etag: `"${part.sha256}"`,
  };
  response.writeHead(range === null ? 200 : 206, { ...headers, ...ranged, 'content-length': end - start + 1 });
  if (seen.method === 'HEAD') return void response.end();
  await using file = await open(path);
  for await (const chunk of file.createReadStream({ start, end, autoClose: false })) {
    state.sentBytes += (chunk as Buffer).byteLength;
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

const once = (response: ServerResponse, event: string): Promise<void> =>
  new Promise((resolve) => response.once(event, () => resolve()));

async function createDataset(state: State, seen: Seen, query: URLSearchParams): Promise<Job> {
  const isArrow = seen.headers['content-type'] === 'application/vnd.apache.arrow.stream';
  const request = isArrow ? Object.fromEntries(query) : parseBody(seen);
  const columns = isArrow ? arrowColumns(seen.body) : ((request.labels as JsonObject).columns as JsonObject);
  const service = String(request.service);
  if (service !== 'ranking') throw new Refusal('UNKNOWN_NAME', `no feature service ${service}`);
  const name = String(request.name ?? service);
  const timestampColumn = String(request.timestampColumn ?? 'event_timestamp');
  if (columns[timestampColumn] === undefined) throw new Refusal('INVALID_LABELS', `no column ${timestampColumn}`);
  const job: DatasetJob = { ...newJob(), kind: 'dataset', request: { service, name, timestampColumn }, result: null };
  run(state, job, async () => {
    const version = (state.datasets.get(name)?.length ?? 0) + 1;
    const select = trainingSet(columns as Readonly<Record<string, readonly unknown[]>>, timestampColumn);
    const files = await writeParts({ folder: state.folder, name, version, selects: [select] });
    state.add(files);
    return { result: { name, version, rows: files.manifest.rows } };
  });
  return job;
}

function arrowColumns(body: Buffer): Record<string, readonly unknown[]> {
  const table = tableFromIPC(body);
  return Object.fromEntries(table.schema.fields.map(({ name }) => [name, [...(table.getChild(name) ?? [])]]));
}

function trainingSet(columns: Readonly<Record<string, readonly unknown[]>>, timestampColumn: string): string {
  const labels = Object.keys(columns);
  const times = columns[timestampColumn] ?? [];
  const rows = times.map((time, i) => {
    const micros = typeof time === 'number' ? BigInt(time) * 1000n : (parseInstant(String(time)) ?? 0n);
    const { values } = shopRow(columns.user_id?.[i] ?? null, micros);
    const label = labels.map((name) =>
      name === timestampColumn ? `make_timestamptz(${micros})` : literal(columns[name]?.[i]),
    );
    const types = ['VARCHAR', 'BIGINT', 'BIGINT', 'DOUBLE'];
    return `(${[i, ...label, ...values.map((value, column) => `CAST(${literal(value)} AS ${types[column]})`)].join(', ')})`;
  });
  const names = ['__row', ...labels, ...FEATURES].map((name) => `"${name}"`).join(', ');
  return `SELECT * EXCLUDE (__row) FROM (VALUES ${rows.join(', ')}) AS rows(${names}) ORDER BY __row`;
}

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : typeof value === 'bigint' ? `${value}::BIGINT` : String(value ?? null);

function materialize(state: State, request: JsonObject): Job {
  const views = (request.views as readonly string[] | undefined) ?? null;
  const unknown = views?.find((view) => view !== 'profile' && view !== 'spending');
  if (unknown !== undefined) throw new Refusal('UNKNOWN_NAME', `no feature view ${unknown}`);
  const until = String(request.until ?? formatInstant(nowMicros()));
  const mode = (request.mode ?? 'incremental') as MaterializationJob['request']['mode'];
  const job: MaterializationJob = {
    ...newJob(),
    kind: 'materialization',
    request: { views, until, mode },
    result: null,
  };
  run(state, job, async () => ({
    result: { runs: (views ?? ['profile', 'spending']).map((view) => ({ view, mode, outcome: 'succeeded', until })) },
  }));
  return job;
}

const newJob = () => ({
  id: randomUUID(),
  status: 'queued' as const,
  createdAt: formatInstant(nowMicros()),
  startedAt: null,
  finishedAt: null,
  progress: null,
  error: null,
});

function run(state: State, job: Job, work: () => Promise<object>): void {
  const update = (change: object): void => {
    const now = jobOf(state, job.id);
    if (now.status === 'queued' || now.status === 'running') state.jobs.set(job.id, { ...now, ...change } as Job);
  };
  state.jobs.set(job.id, job);
  const steps = async (): Promise<void> => {
    await sleep(state.jobMillis, undefined, { ref: false });
    update({ status: 'running', progress: { phase: 'join', view: null, rowsDone: 1, rowsTotal: 2 } });
    await sleep(state.jobMillis, undefined, { ref: false });
    update({ status: 'succeeded', ...(await work()) });
  };
  steps().catch((error: unknown) =>
    update({ status: 'failed', error: { code: 'INVALID_LABELS', message: String(error), details: {} } }),
  );
}

function jobOf(state: State, id: string): Job {
  const job = state.jobs.get(id);
  if (job === undefined) throw new Refusal('UNKNOWN_NAME', `no job ${id}`);
  return job;
}

function jobRoute(state: State, method: string, id: string): Job {
  const job = jobOf(state, id);
  if (method === 'DELETE' && (job.status === 'queued' || job.status === 'running')) {
    const error = { code: 'CANCELLED', message: 'the job was cancelled', details: {} } as const;
    state.jobs.set(id, { ...job, status: 'cancelled', error });
  }
  return jobOf(state, id);
}

const REGISTERED: Readonly<Record<string, readonly [field: string, names: readonly string[]]>> = {
  entities: ['entities', ['user']],
  sources: ['sources', ['clicks', 'profiles']],
  'feature-views': ['featureViews', ['profile', 'spending']],
  'feature-services': ['featureServices', ['ranking']],
};

function registryRoute(resource: string, name: string | undefined, query: URLSearchParams): object {
  if (resource === 'registry') return { project: 'shop', version: 1, ...Object.fromEntries(Object.values(REGISTERED)) };
  const [field, names] = REGISTERED[resource] ?? [];
  if (field === undefined || names === undefined) throw new Refusal('UNKNOWN_NAME', `no such path`);
  if (name === undefined)
    return page(
      field,
      names.map((each) => ({ name: each })),
      query,
    );
  if (!names.includes(name)) throw new Refusal('UNKNOWN_NAME', `no ${resource} ${name}`);
  return { name };
}
