// Random harm to good requests of every route that takes a body or a query: a server refuses them clearly, at once, and goes
// on; what is left whole gets its right answer.

import { ERRORS, type ErrorCode } from '../../schemas/errors.ts';
import type { ErrorBody, Job } from '../../schemas/wire-types.ts';
import { Random } from '../oracle/random.ts';
import { engineWords } from './clean-errors.ts';
import { FuzzServer } from './fuzz-server.ts';
import { nameAt } from './label-project.ts';
import type { TryWorld } from './trial.ts';
import { LABEL_PROJECT, UNTIL } from './upload-trial.ts';

const LONGEST_MILLIS = 20_000;
/** Of a message, in characters. */
const LONGEST_MESSAGE = 12_000;

export async function openBodyTrial(): Promise<{ readonly tryWorld: TryWorld } & AsyncDisposable> {
  const server = await FuzzServer.start(LABEL_PROJECT, UNTIL);
  return { tryWorld: (seed) => tryBody(server, seed), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const JSON_BODY = { 'content-type': 'application/json' };

function goodRequest(random: Random): FuzzRequest {
  const post = (path: string, body: object): FuzzRequest => {
    return { method: 'POST', path, headers: JSON_BODY, body: JSON.stringify(body) };
  };
  const keys = Array.from({ length: random.int(1, 4) }, () => random.pick([1, 2, 3, '3', 4, null]));
  const lookup = {
    ...(random.chance(0.5) ? { service: 'all' } : { features: random.pick([['view:*'], ['view:name']]) }),
    entities: keys.map((key) => ({ user_id: key })),
    at: random.pick([UNTIL, '2026-02-02T00:00:00.5Z', '2026-02-01T01:00:00+01:00']),
    ...(random.chance(0.5) ? { statuses: true, eventTimes: true, asOf: true } : {}),
  };
  const columns = { user_id: [1, 2], event_timestamp: [UNTIL, UNTIL], extra: [[1], null] };
  return random.pick([
    () => post('/v1/online-features', lookup),
    () => post('/v1/online-features', lookup),
    () => post('/v1/online-features', lookup),
    () => post('/v1/datasets', { service: 'all', name: 'set', labels: { columns } }),
    () => post('/v1/materializations', { views: ['view'], until: UNTIL, mode: 'incremental' }),
    () => ({ method: 'GET', path: random.pick(GETS), headers: {}, body: null }),
  ])();
}

const GETS = [
  '/v1/datasets?limit=10',
  '/v1/datasets/set/1',
  '/v1/datasets/set/latest/parts/0',
  '/v1/jobs/20260101000000000-materialization-00000000',
  '/v1/materializations?limit=5',
  '/v1/feature-views/view',
  '/v1/feature-services/all',
  '/v1/registry',
  '/v1/sources?cursor=abc',
];

// biome-ignore format: a list of words
const STRANGE = [
  'null', 'true', '0', '-1', '1.5', '1e400', '9223372036854775808', '-0', '"', '""', '"é\\u0000"', '"\\ud800"', '{}', '[]',
  '[[[[]]]]', '{"__proto__":{"a":1}}', '{"constructor":1}', '"2026-02-30"', '"view:*"', '"../../etc/passwd"', '[null]',
  `"${'x'.repeat(5000)}"`, '9'.repeat(500), `[${'['.repeat(200)}${']'.repeat(200)}]`, '"NaN"', 'NaN', "'a'", '01', '+1',
];
const PATH_PARTS = [
  '%00',
  '%2e%2e%2f',
  '..',
  "'",
  '%ff',
  'a'.repeat(3000),
  '?limit=-1',
  '&x=1',
  '?limit=1&limit=2',
  '#',
  '%',
];
const TYPES = [
  'text/plain',
  'application/json; charset=latin1',
  'application/vnd.apache.arrow.stream',
  '',
  'multipart/form-data',
];

/** Values and names of JSON text; not those within strings, but nearly. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

function harmed(random: Random, request: FuzzRequest): FuzzRequest {
  const { path, body } = request;
  if (body === null || random.chance(0.1)) {
    const at = random.int(4, path.length);
    return {
      ...request,
      path: `${path.slice(0, at)}${random.pick(PATH_PARTS)}${random.chance(0.5) ? path.slice(at) : ''}`,
    };
  }
  if (random.chance(0.06)) return { ...request, headers: { 'content-type': random.pick(TYPES) } };
  if (random.chance(0.04)) return { ...request, method: random.pick(['PUT', 'PATCH', 'DELETE']) };
  return { ...request, body: harmedText(random, body) };
}

function harmedText(random: Random, body: string): string {
  const tokens = [...body.matchAll(TOKEN)];
  if (tokens.length === 0) return body;
  const token = random.pick(tokens);
  const [start, end] = [token.index, token.index + token[0].length];
  const whole = token[0];
  return random.pick([
    () => `${body.slice(0, start)}${random.pick(STRANGE)}${body.slice(end)}`,
    () => `${body.slice(0, start)}${random.pick(STRANGE)}${body.slice(end)}`,
    () => `${body.slice(0, start)}${body.slice(end)}`,
    () => `${body.slice(0, end)},${whole}${body.slice(end)}`,
    () => body.slice(0, random.int(0, body.length)),
    () =>
      `${body.slice(0, start)}${whole.slice(0, -1)}${random.pick(['é', '\0', '\\', ' ', '"'])}${body.slice(end - 1)}`,
    () => `${random.pick(['\ufeff', ' ', '[', '0'])}${body}`,
  ])();
}

async function tryBody(server: FuzzServer, seed: number): Promise<string | undefined> {
  const random = new Random(seed);
  const good = goodRequest(random);
  let request = good;
  for (let harms = random.int(0, 3); harms > 0; harms -= 1) request = harmed(random, request);
  const fault = await faultOf(server, request, request === good);
  return fault === undefined ? undefined : `${fault}\n  ${JSON.stringify(request).slice(0, 2000)}`;
}

async function faultOf(server: FuzzServer, request: FuzzRequest, isWhole: boolean): Promise<string | undefined> {
  const { path, ...init } = request;
  const response = await fetch(`${server.url}${path}`, { ...init, signal: AbortSignal.timeout(LONGEST_MILLIS) });
  const { status } = response;
  if (path.includes('/parts/') && status === 200) return void (await response.arrayBuffer());
  const text = await response.text();
  if (status >= 400)
    return isWhole && !path.includes('set') && !path.includes('jobs') && !path.includes('cursor')
      ? `refused without a reason: ${text}`
      : errorFault(status, text);
  if (status === 202) return await jobFault(server, JSON.parse(text) as Job);
  return isWhole && path === '/v1/online-features' ? answerFault(request.body ?? '', text) : undefined;
}

function errorFault(status: number, text: string): string | undefined {
  let error: ErrorBody['error'];
  try {
    ({ error } = JSON.parse(text) as ErrorBody);
  } catch {
    return `${status} without JSON: ${text.slice(0, 500)}`;
  }
  const { code, message } = error;
  if (status >= 500 && code !== 'NOT_SUPPORTED') return `${status}: ${text.slice(0, 500)}`;
  if (status !== 405 && ERRORS[code as ErrorCode]?.status !== status) return `${code} with ${status}`;
  if (message.length > LONGEST_MESSAGE) return `a message of ${message.length} characters`;
  const words = engineWords(message);
  return words === undefined ? undefined : `the engine's words "${words}" in ${code}: ${message.slice(0, 500)}`;
}

async function jobFault(server: FuzzServer, job: Job): Promise<string | undefined> {
  const { error } = await server.ended(job);
  return error === null ? undefined : errorFault(ERRORS[error.code].status, JSON.stringify({ error }));
}

/** A request of the trial's own is JSON that JSON.parse reads without loss. */
function answerFault(body: string, text: string): string | undefined {
  const { entities, at } = JSON.parse(body) as { entities: { user_id: number | string | null }[]; at: string };
  const { rows } = JSON.parse(text) as { rows: unknown[][] };
  const want = entities.map(({ user_id }) => [user_id === null ? null : nameAt(String(user_id), at)]);
  return JSON.stringify(rows) === JSON.stringify(want)
    ? undefined
    : `${JSON.stringify(rows)}, expected ${JSON.stringify(want)}`;
}
