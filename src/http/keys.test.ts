// Every operation of the table, on a server that asks for keys: who may, and who is told what.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { openApiDocument } from '../../schemas/openapi.ts';
import { OPERATIONS, type Operation } from '../../schemas/operations.ts';
import { ROLES, type Role } from '../../schemas/roles.ts';
import type { DatasetJob, MaterializationJob } from '../../schemas/wire-types.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { until } from '../../test/waiting.ts';
import { ChangeLog } from '../access/change-log.ts';
import { KeyRing } from '../access/key-ring.ts';
import { Keys } from '../access/keys.ts';
import type { KeyLimits } from '../access/stored-key.ts';
import { makeKeyText } from '../key-text.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { createHttpApp } from './app.ts';
import { isRecorded } from './recorded.ts';
import { startServer } from './server.ts';

const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-http-keys-')) });
const keys = new Keys(store);
const newKey = async (role: Role, limitedTo: KeyLimits | null = null): Promise<string> =>
  (await keys.create({ name: null, role, limitedTo, expiresAtMicros: null })).text;
const KEYS: Readonly<Record<Role, string>> = Object.fromEntries(
  await Promise.all(ROLES.map(async (role) => [role, await newKey(role)])),
);
const ofShop = await newKey('admin', { services: ['shop'], sources: ['clicks'] });
const expired = (await keys.create({ name: null, role: 'admin', limitedTo: null, expiresAtMicros: 1n })).text;
const revoked = await newKey('admin');
await keys.revoke(revoked);

// Whatever the handlers find is of the service `other`, which the limited key does not name.
const dataset = { kind: 'dataset', name: 'd', version: 1, service: 'other', parts: [] };
const NO_DATASET = new PlumbError('UNKNOWN_NAME', 'found nothing, expected secret_1 or secret_2');
const datasetJob = { id: '1', kind: 'dataset', status: 'running', request: { service: 'other' } } as DatasetJob;
const materialization = { id: '2', kind: 'materialization', status: 'running' } as MaterializationJob;
const cancelled: string[] = [];
const slow = Promise.withResolvers<Buffer>();
const gate = new KeyRing({ store, staleMillis: 60_000, logger: { info: () => {}, warn: () => {} } });
await gate.ready();
const parts = {
  ...fakeParts(store),
  gate,
  lookup: {
    answer: async ({ service }: { service: string }) => (service === 'slow' ? slow.promise : Buffer.from('{}')),
  },
  datasets: {
    show: async (name: string) => (name === 'nothing' ? Promise.reject(NO_DATASET) : dataset),
    page: async () => ({ datasets: [], damaged: [], hasMore: false, last: null }),
  },
  jobs: {
    reserve: async () => ({ [Symbol.dispose]: () => {} }),
    create: async () => datasetJob,
    get: async (id: string) => (id === '2' ? materialization : datasetJob),
    cancel: async (id: string) => {
      cancelled.push(id);
      return id === '2' ? materialization : datasetJob;
    },
    page: async () => ({ jobs: [], hasMore: false }),
    refuseNew: () => {},
  },
} as unknown as ReturnType<typeof fakeParts>;
const server = await startServer({ ...parts, ready: async () => {}, host: '127.0.0.1', port: 0 });
after(async () => {
  await server.stop();
  await gate[Symbol.asyncDispose]();
});

const LABELS = { columns: { user_id: [1], event_timestamp: ['2026-01-01T00:00:00Z'] } };
const BODIES: Readonly<Record<string, unknown>> = {
  getOnlineFeatures: { service: 'other', entities: [] },
  createDataset: { service: 'other', labels: LABELS },
  createMaterialization: {},
};

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
}

/** By a client that sends what it is told to, also headers twice. */
async function ask({ method = 'GET', path = '/', headers = {}, body }: Asked) {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const length =
    content === undefined ? {} : { 'content-length': Buffer.byteLength(content), 'content-type': 'application/json' };
  const asked = request(`${server.url}`, { method, path, headers: { ...length, ...headers } });
  asked.end(content);
  const response = await new Promise<Parameters<NonNullable<Parameters<typeof request>[2]>>[0]>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject);
  });
  const answer = await text(response);
  const isError = answer.startsWith('{"error"');
  const error = isError ? JSON.parse(answer).error : null;
  return { status: response.statusCode ?? 0, headers: response.headers, answer, error };
}

const requestOf = ({ id, method, path }: Operation): Asked => ({
  method: method.toUpperCase(),
  path: path
    .replace('{version}', '1')
    .replace('{name}', 'other')
    .replaceAll(/\{\w+\}/g, '0'),
  ...(id in BODIES ? { body: BODIES[id] } : {}),
});
const withKey = (asked: Asked, key: string): Asked => ({
  ...asked,
  headers: { ...asked.headers, authorization: `Bearer ${key}` },
});

for (const operation of OPERATIONS) {
  const { id, access } = operation;
  const asked = requestOf(operation);
  if (access === 'open') {
    test(`${id} needs no key`, async () => {
      assert.equal((await ask(asked)).status, 200);
    });
    continue;
  }
  test(`${id} is 401 without a key that holds, and says how to send one`, async () => {
    const answers = [await ask(asked)];
    for (const key of [makeKeyText(), expired, revoked]) answers.push(await ask(withKey(asked, key)));
    assert.deepEqual(
      answers.map(({ status, error }) => [status, error.code, error.details.reason]),
      ['missing', 'unknown', 'expired', 'revoked'].map((reason) => [401, 'UNAUTHENTICATED', reason]),
    );
    for (const { headers } of answers) {
      assert.equal(headers['www-authenticate'], 'Bearer realm="plumb"');
      assert.match(String(headers['x-request-id']), /^[\w-]{36}$/);
    }
  });

  test(`${id} needs the role ${access.role}`, async () => {
    for (const role of ROLES) {
      const { status, error } = await ask(withKey(asked, KEYS[role]));
      const isEnough: boolean = ROLES.indexOf(role) >= ROLES.indexOf(access.role);
      assert.equal(status === 403, !isEnough, `${role}: ${status}`);
      assert.notEqual(status, 401);
      if (!isEnough) assert.deepEqual(error.details.lacking, { role: access.role });
    }
  });

  if (access.about === 'neither') continue;
  test(`${id} is refused to a key that is limited to others`, async () => {
    const { status, error } = await ask(withKey(asked, ofShop));
    assert.equal(status, 403, id);
    const ofDataset = ['getDataset', 'getDatasetPart'].includes(id);
    const named = access.about === 'source' ? { source: '0' } : { [ofDataset ? 'dataset' : 'service']: 'other' };
    assert.deepEqual(error.details.lacking, access.about === 'project' ? { limits: 'none' } : named);
  });
}

test('a limited key has what it names', async () => {
  const asked = { method: 'POST', path: '/v1/online-features', body: { service: 'shop', entities: [] } };
  assert.equal((await ask(withKey(asked, ofShop))).status, 200);
  const byFeature = { ...asked, body: { features: ['v:f'], entities: [] } };
  assert.deepEqual((await ask(withKey(byFeature, ofShop))).error.details.lacking, { service: null });
});

test('a limited key does not add a version to a training set of a service that is not its own', async () => {
  const body = { service: 'shop', name: 'd', labels: LABELS };
  const { status, error } = await ask(withKey({ method: 'POST', path: '/v1/datasets', body }, ofShop));
  assert.deepEqual([status, error.details.lacking], [403, { dataset: 'd' }]);
});

test('a limited key is not told which training sets there are', async () => {
  for (const path of ['/v1/datasets/X/1', '/v1/datasets/X/latest', '/v1/datasets/X/1/parts/0']) {
    const ofOther = await ask(withKey({ path: path.replace('X', 'd') }, ofShop));
    const ofNobody = await ask(withKey({ path: path.replace('X', 'nothing') }, ofShop));
    assert.equal(ofOther.status, 403);
    assert.deepEqual(ofNobody.answer.replaceAll('nothing', 'd'), ofOther.answer);
    assert.equal((await ask(withKey({ path: path.replace('X', 'nothing') }, KEYS.reader))).status, 404);
  }
});

test('a page of another origin may send a key, and is told why it was refused', async () => {
  const readiness = { draining: false, check: async () => {} };
  const app = createHttpApp({ ...parts, corsOrigins: ['https://app.example'], readiness });
  const asked = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const preflight = await app.request('/v1/online-features', {
    method: 'OPTIONS',
    headers: { ...asked, 'access-control-request-headers': 'authorization,content-type' },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/);
  assert.equal(preflight.headers.get('access-control-allow-credentials'), null);
  const refused = await app.request('/v1/registry', { headers: { origin: 'https://app.example' } });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('access-control-allow-origin'), 'https://app.example');
});

test('an answer that has begun when its key is revoked goes on to its end', async () => {
  const key = await newKey('reader');
  const asked = withKey({ method: 'POST', path: '/v1/online-features', body: { service: 'slow', entities: [] } }, key);
  const registry = async () => (await ask(withKey({ path: '/v1/registry' }, key))).status;
  await until(registry, (status) => status === 200);
  const begun = ask(asked);
  await keys.revoke(key);
  await until(registry, (status) => status === 401);
  slow.resolve(Buffer.from('{"late":true}'));
  assert.deepEqual([(await begun).status, (await begun).answer], [200, '{"late":true}']);
  assert.equal((await ask(asked)).error.details.reason, 'revoked');
});

test('a writer cancels jobs of training sets, an operator all', async () => {
  const cancel = (id: string, key: string) => ask(withKey({ method: 'DELETE', path: `/v1/jobs/${id}` }, key));
  assert.equal((await cancel('1', KEYS.writer)).status, 202);
  assert.equal((await cancel('2', KEYS.writer)).status, 403);
  assert.equal((await cancel('2', KEYS.operator)).status, 202);
  assert.equal((await cancel('1', KEYS.reader)).status, 403);
  assert.deepEqual(cancelled.slice(-2), ['1', '2']);
});

test('changes are written down: by which key, what, when, and what came of it; reads and refusals are not', async () => {
  const log = new ChangeLog(store);
  const since = (await log.list(1000)).changes.length;
  const id = KEYS.writer.slice(6, 18);
  await ask(withKey({ path: '/v1/registry' }, KEYS.writer));
  await ask(withKey({ method: 'DELETE', path: '/v1/jobs/2' }, KEYS.writer));
  await ask({ method: 'DELETE', path: '/v1/jobs/1' });
  await ask(withKey({ method: 'POST', path: '/v1/datasets', body: { service: 1 } }, KEYS.writer));
  assert.equal((await log.list(1000)).changes.length, since);
  await ask(withKey({ method: 'DELETE', path: '/v1/jobs/1', headers: { 'x-request-id': 'mine' } }, KEYS.writer));
  const { changes } = await log.list(1000);
  assert.equal(changes.length, since + 1);
  const { at = '', ...change } = changes[0] ?? {};
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
  const outcome = { failed: null, made: null };
  assert.deepEqual(change, {
    by: { key: id },
    operation: 'cancelJob',
    target: '/v1/jobs/1',
    requestId: 'mine',
    outcome,
  });
  await ask(withKey({ method: 'POST', path: '/v1/materializations', body: {} }, KEYS.operator));
  assert.equal((await log.list(1)).changes[0]?.outcome?.made, '/v1/jobs/1');
});

test('what fails for the server is written down with its code; what cannot be written down is not done', async () => {
  const failing = {
    ...parts,
    jobs: { ...parts.jobs, cancel: () => Promise.reject(new PlumbError('STORAGE_UNAVAILABLE', 'x')) },
  };
  const readiness = { draining: false, check: async () => {} };
  const headers = { authorization: `Bearer ${KEYS.writer}` };
  const cancel = (app: ReturnType<typeof createHttpApp>) => app.request('/v1/jobs/1', { method: 'DELETE', headers });
  assert.equal((await cancel(createHttpApp({ ...failing, readiness } as never))).status, 503);
  assert.equal((await new ChangeLog(store).list(1)).changes[0]?.outcome?.failed, 'STORAGE_UNAVAILABLE');
  const before = cancelled.length;
  const full = { put: () => Promise.reject(new PlumbError('RESOURCE_EXHAUSTED', 'full')) };
  const app = createHttpApp({ ...parts, store: full, readiness } as never);
  assert.equal((await cancel(app)).status, 507);
  assert.equal(cancelled.length, before);
});

test('every operation that is no read is written down, but for pushes: the log has their keys', () => {
  const reads = OPERATIONS.filter((operation) => !isRecorded(operation)).map(({ id, method }) => `${method} ${id}`);
  assert.deepEqual(
    reads.filter((one) => !one.startsWith('get ')),
    ['post getOnlineFeatures', 'post pushEvents'],
  );
});

const LOOKUP = { method: 'POST', path: '/v1/online-features', body: { service: 'other', entities: [] } };
const CHUNKED = { 'transfer-encoding': 'chunked', 'content-type': 'application/json', 'content-length': [] };

test('the two ways of a lookup take and refuse the same headers', async () => {
  const key = KEYS.reader;
  const cases: readonly (readonly [string, Readonly<Record<string, string | string[]>>, number])[] = [
    ['as documented', { authorization: `Bearer ${key}` }, 200],
    ['another case of name and scheme', { AUTHORIZATION: `bEARER ${key}` }, 200],
    ['twice the same', { authorization: [`Bearer ${key}`, `Bearer ${key}`] }, 401],
    ['a good one first', { authorization: [`Bearer ${key}`, 'Bearer x'] }, 401],
    ['a good one last', { authorization: ['Bearer x', `Bearer ${key}`] }, 401],
    ['both in one line', { authorization: `Bearer x, Bearer ${key}` }, 401],
    ['another scheme', { authorization: `Basic ${Buffer.from(`:${key}`).toString('base64')}` }, 401],
    ['in another header', { 'x-api-key': key, 'proxy-authorization': `Bearer ${key}`, cookie: `key=${key}` }, 401],
    ['latin-1', { authorization: `Bearer ${key.slice(0, -1)}é` }, 401],
    ['ten thousand characters', { authorization: `Bearer ${key}${'a'.repeat(10_000)}` }, 401],
    ['none', {}, 401],
  ];
  for (const [name, headers, status] of cases) {
    const direct = await ask({ ...LOOKUP, headers });
    const routed = await ask({ ...LOOKUP, headers: { ...CHUNKED, ...headers } });
    assert.deepEqual([direct.status, routed.status], [status, status], name);
    assert.deepEqual(direct.error, routed.error, name);
  }
});

test('no other spelling of a path or a method leads past the gate', async () => {
  const open = new Set(['/healthz', '/readyz', '/openapi.json']);
  for (const { method, path } of OPERATIONS.filter((operation) => !open.has(operation.path)).map(requestOf)) {
    const p = path ?? '';
    const spellings = [
      `${p}/`,
      `/${p}`,
      p.toUpperCase(),
      `${p}?key=1`,
      `${p}?`,
      p.replace('v1', '%761'),
      `/x/..${p}`,
      `${p}%2f`,
      `${p};a`,
      `${p}#`,
    ];
    for (const spelling of spellings)
      for (const one of [method, 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'get']) {
        const { status, answer } = await ask({ ...(one === undefined ? {} : { method: one }), path: spelling });
        assert.ok([204, 400, 401, 404, 405].includes(status), `${one} ${spelling}: ${status}`);
        assert.ok(status !== 204 || answer === '', 'OPTIONS tells methods only');
      }
  }
});

test('HEAD needs what GET needs', async () => {
  assert.equal((await ask({ method: 'HEAD', path: '/v1/registry' })).status, 401);
  assert.equal((await ask(withKey({ method: 'HEAD', path: '/v1/registry' }, ofShop))).status, 403);
  assert.equal((await ask(withKey({ method: 'HEAD', path: '/v1/registry' }, KEYS.reader))).status, 200);
});

test('an encoded name is the name that it decodes to', async () => {
  const named = (name: string) => ask(withKey({ path: `/v1/feature-services/${name}` }, ofShop));
  assert.equal((await named('%6fther')).status, 403);
  assert.equal((await named('%73hop')).status, 404, 'it may, but there is none');
});

test('a body that nobody may send is not read', async () => {
  const asked = request(`${server.url}/v1/datasets?service=other`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.apache.arrow.stream', 'content-length': '900' },
  });
  asked.on('error', () => {});
  asked.flushHeaders();
  const status = await new Promise((resolve) => void asked.on('response', (response) => resolve(response.statusCode)));
  assert.equal(status, 401);
  asked.destroy();
});

test('a key in the wrong place comes back without its secret', async () => {
  const key = KEYS.reader;
  const answers = [
    await ask({ path: `/v1/${key}` }),
    await ask(withKey({ path: `/v1/registry?${key}=1` }, key)),
    await ask(withKey({ ...LOOKUP, body: { service: 'other', entities: [], [key]: 1 } }, key)),
    await ask(withKey({ path: '/v1/registry', headers: { 'x-request-id': key } }, key)),
    await ask({ path: `/v1/registry`, headers: { authorization: key } }),
  ];
  for (const { answer, headers } of answers)
    assert.ok(!(answer + JSON.stringify(headers)).includes(key.slice(19, 30)), answer);
});

test('files that only some may read are kept by no cache that callers share', async () => {
  const { headers } = await ask(withKey({ path: '/v1/datasets/d/1' }, KEYS.reader));
  assert.match(String(headers['cache-control']), /^private\b/);
});

test('a request id is taken where it is sane, else made, and is in each answer', async () => {
  const idOf = async (asked: Asked) => (await ask(asked)).headers['x-request-id'];
  for (const asked of [LOOKUP, { path: '/healthz' }, { path: '/nothing' }, { path: '/v1/registry' }]) {
    assert.equal(await idOf({ ...asked, headers: { 'x-request-id': 'a.b:c-1' } }), 'a.b:c-1');
    assert.match(String(await idOf(asked)), /^[\da-f-]{36}$/);
    assert.match(String(await idOf({ ...asked, headers: { 'x-request-id': 'a b' } })), /^[\da-f-]{36}$/);
    assert.match(String(await idOf({ ...asked, headers: { 'x-request-id': 'a'.repeat(129) } })), /^[\da-f-]{36}$/);
  }
});

interface SecuredDocument {
  readonly components: { readonly securitySchemes?: object };
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly security?: readonly object[]; readonly responses: object }>>>
  >;
}

test('the OpenAPI document of such a server names the role of each operation; of another server none', () => {
  const document = openApiDocument({ version: '0', hasKeys: true }) as unknown as SecuredDocument;
  for (const { path, method, access } of OPERATIONS) {
    const { security, responses } = document.paths[path]?.[method] ?? { responses: {} };
    assert.deepEqual(security, access === 'open' ? [] : [{ key: [access.role] }]);
    assert.equal('401' in responses && '403' in responses, access !== 'open', path);
  }
  assert.ok(document.components.securitySchemes);
  assert.doesNotMatch(JSON.stringify(openApiDocument({ version: '0', hasKeys: false })), /"security|UNAUTHENTICATED: /);
});
