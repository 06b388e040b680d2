import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { onlineFeaturesRequestSchema } from '../../schemas/wire.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import type { JsonObject } from '../lossless-json.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { createHttpApp } from './app.ts';
import { FIELDS, LATER_FIELDS, type LookupQuery } from './lookup/lookup-query.ts';

const store = new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-http-')) });
const parts = fakeParts(store);
const PATH = '/v1/online-features';

function fakeApp(answer: (query: LookupQuery) => Promise<string> | string = () => '{"rows":[]}') {
  const asked: LookupQuery[] = [];
  const logged: string[] = [];
  const log = (_context: object, message: string): void => void logged.push(message);
  const logger = { info: log, warn: log, error: log };
  const readiness = { draining: false, check: async () => {} };
  const lookup = {
    answer: async (query: LookupQuery) => {
      asked.push(query);
      return Buffer.from(await answer(query));
    },
  };
  return { app: createHttpApp({ ...parts, lookup, readiness, logger }), asked, readiness, logged };
}

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => new Request(`http://localhost${PATH}`, { method: 'POST', body, headers });

interface ErrorAnswer {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

async function refusal(response: Response): Promise<ErrorAnswer['error'] & { readonly status: number }> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const { error } = (await response.json()) as ErrorAnswer;
  assert.deepEqual(Object.keys(error), ['code', 'message', 'details']);
  return { ...error, status: response.status };
}

test('a lookup passes its request on and answers the text as it is', async () => {
  const { app, asked } = fakeApp(() => '{"rows":[[9007199254740993]]}');
  const response = await app.request(
    post(
      '{"service":"s","entities":[{"user_id":9007199254740993}],"at":"2026-01-08T00:00:00Z","statuses":true,"int64":"string"}',
    ),
  );
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(await response.text(), '{"rows":[[9007199254740993]]}');
  assert.deepEqual(asked, [
    {
      service: 's',
      dataset: null,
      features: null,
      entities: [{ user_id: 9007199254740993n }],
      atMicros: 1_767_830_400_000_000n,
      statuses: true,
      eventTimes: false,
      asOf: false,
      int64: 'string',
      partial: false,
      explain: false,
    },
  ]);
});

test('the hand-written check knows exactly the fields of the wire contract', () => {
  assert.deepEqual([...FIELDS, ...LATER_FIELDS].sort(), Object.keys(onlineFeaturesRequestSchema.shape).sort());
});

const REFUSED: readonly (readonly [string, JsonObject, string, string])[] = [
  ['neither service nor features', { entities: [] }, 'INVALID_REQUEST', '$'],
  ['both service and features', { service: 's', features: ['v:f'], entities: [] }, 'INVALID_REQUEST', '$'],
  ['a service that is no text', { service: 1, entities: [] }, 'INVALID_REQUEST', '$.service'],
  ['an empty list of features', { features: [], entities: [] }, 'INVALID_REQUEST', '$.features'],
  ['a feature that is no text', { features: ['v:f', 2], entities: [] }, 'INVALID_REQUEST', '$.features[1]'],
  ['no entities', { service: 's' }, 'INVALID_REQUEST', '$.entities'],
  ['entities that are no list', { service: 's', entities: {} }, 'INVALID_REQUEST', '$.entities'],
  ['an entity that is no object', { service: 's', entities: [{}, [1]] }, 'INVALID_REQUEST', '$.entities[1]'],
  ['too many entities', { service: 's', entities: [{}, {}, {}, {}] }, 'TOO_LARGE', '$.entities'],
  ['an instant that is none', { service: 's', entities: [], at: '2026-02-30T00:00:00Z' }, 'INVALID_REQUEST', '$.at'],
  ['an instant that is no text', { service: 's', entities: [], at: 5 }, 'INVALID_REQUEST', '$.at'],
  ['a flag that is no boolean', { service: 's', entities: [], statuses: 'yes' }, 'INVALID_REQUEST', '$.statuses'],
  ['a flag that is null', { service: 's', entities: [], asOf: null }, 'INVALID_REQUEST', '$.asOf'],
  ['an unknown form of int64', { service: 's', entities: [], int64: 'bigint' }, 'INVALID_REQUEST', '$.int64'],
  ['an unknown field', { service: 's', entities: [], servce: 's' }, 'INVALID_REQUEST', '$.servce'],
  ['a partial that is no flag', { service: 's', entities: [], partial: {} }, 'INVALID_REQUEST', '$.partial'],
  ['a context that is no list', { service: 's', entities: [], context: [1] }, 'INVALID_REQUEST', '$.context'],
  ['request context', { service: 's', entities: [], context: [] }, 'NOT_SUPPORTED', '$.context'],
];
const STATUS: Readonly<Record<string, number>> = { INVALID_REQUEST: 400, TOO_LARGE: 413, NOT_SUPPORTED: 501 };
for (const [name, body, code, path] of REFUSED) {
  test(`refused: ${name}`, async () => {
    const { app, asked } = fakeApp();
    const error = await refusal(await app.request(post(JSON.stringify(body))));
    assert.deepEqual([error.code, error.status, error.details.path], [code, STATUS[code], path]);
    assert.deepEqual(asked, []);
  });
}

test('a body that is no JSON is refused with the position', async () => {
  const error = await refusal(await fakeApp().app.request(post('{"service":"s",\n}')));
  assert.deepEqual([error.status, error.code], [400, 'INVALID_REQUEST']);
  assert.deepEqual(error.details, { position: 16, line: 2, column: 1 });
});

test('a body that is no object, not UTF-8 or empty is refused', async () => {
  const { app } = fakeApp();
  for (const body of ['[]', '1', 'null', '', new Uint8Array([0x22, 0xff, 0x22])]) {
    assert.equal((await refusal(await app.request(post(body)))).status, 400);
  }
});

test('only application/json is read', async () => {
  const { app } = fakeApp();
  for (const headers of [{ 'content-type': 'text/plain' }, { 'content-type': 'application/jsonp' }]) {
    assert.equal((await refusal(await app.request(post('{}', headers)))).code, 'INVALID_REQUEST');
  }
  const charset = await app.request(
    post('{"service":"s","entities":[]}', { 'content-type': 'application/json; charset=utf-8' }),
  );
  assert.equal(charset.status, 200);
});

test('a body over the limit is refused, whether its length was declared or not', async () => {
  const { app } = fakeApp();
  const big = ' '.repeat(1001);
  const declared = post(big, { 'content-type': 'application/json', 'content-length': '1001' });
  assert.deepEqual((await refusal(await app.request(declared))).status, 413);
  const error = await refusal(await app.request(post(big)));
  assert.deepEqual([error.status, error.code, error.details.limitBytes], [413, 'TOO_LARGE', 1000]);
});

test('errors of the lookup keep their code; anything else is an internal error without a word of it', async () => {
  const notMaterialized = new PlumbError('NOT_MATERIALIZED', 'view v was never materialized', {
    details: { view: 'v', at: 5n },
  });
  const body = post('{"service":"s","entities":[]}');
  const known = await refusal(await fakeApp(() => Promise.reject(notMaterialized)).app.request(body.clone()));
  assert.deepEqual(known, {
    status: 409,
    code: 'NOT_MATERIALIZED',
    message: 'view v was never materialized',
    details: { view: 'v', at: '5' },
  });
  const defect = new Error('redis://user:secret@host');
  const unknown = await refusal(await fakeApp(() => Promise.reject(defect)).app.request(body));
  assert.deepEqual(unknown, { status: 500, code: 'INTERNAL', message: 'internal error', details: {} });
});

test('a store that is away may be asked again', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'the online store does not answer');
  const response = await fakeApp(() => Promise.reject(away)).app.request(post('{"service":"s","entities":[]}'));
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1']);
});

test('where a store is, and when to ask it again: the log is told the one, the client the other', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'Redis at db7.internal:6379 does not answer', {
    details: { retryAfterMillis: 1200 },
    privateDetails: { store: 'db7.internal:6379' },
    publicMessage: 'The online store does not answer: try again',
  });
  const { app, logged } = fakeApp(() => Promise.reject(away));
  const response = await app.request(post('{"service":"s","entities":[]}'));
  assert.equal(response.headers.get('retry-after'), '2');
  const { message, details } = await refusal(response);
  assert.equal(message, 'The online store does not answer: try again');
  assert.deepEqual(details, { retryAfterMillis: 1200 });
  assert.match(logged.join(), /db7\.internal:6379/);
});

test('a partial answer is asked for', async () => {
  const { app, asked } = fakeApp();
  await app.request(post('{"service":"s","entities":[],"partial":true}'));
  assert.deepEqual(
    asked.map(({ partial }) => partial),
    [true],
  );
});

test('unknown paths are 404, other methods 405 with Allow', async () => {
  const { app } = fakeApp();
  assert.equal((await refusal(await app.request('/v2/nothing'))).status, 404);
  const response = await app.request(PATH, { method: 'DELETE' });
  assert.equal(response.headers.get('allow'), 'POST');
  assert.deepEqual((await refusal(response)).status, 405);
});

test('health: alive always, ready only when the check passes and nobody asked to stop', async () => {
  const { app, readiness } = fakeApp();
  assert.equal((await app.request('/readyz')).status, 200);
  readiness.check = () => Promise.reject(new PlumbError('NOT_APPLIED', 'run `plumb apply`'));
  const notApplied = await refusal(await app.request('/readyz'));
  assert.deepEqual([notApplied.status, notApplied.code], [503, 'NOT_APPLIED']);
  readiness.check = async () => {};
  readiness.draining = true;
  assert.equal((await refusal(await app.request('/readyz'))).status, 503);
  assert.equal((await app.request('/healthz')).status, 200);
});
