// Lookups that are answered in Arrow: over HTTP beside the same answer in JSON, and read by pyarrow.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import type { OnlineFeaturesResponse } from '../../schemas/wire-types.ts';
import { parseInstant } from '../../src/instant.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { pythonWithPyarrow } from '../python/pyarrow.ts';
import { columnValues } from '../support/arrow-values.ts';
import { at, catalogOf, FakeWorld, rowView } from '../support/fake-world.ts';
import { answerOf, refusal } from './http-client.ts';
import { tempProject } from './project.ts';
import { SHOP, UNTIL } from './shop.ts';

const ARROW = 'application/vnd.apache.arrow.stream';
const READER = fileURLToPath(new URL('../python/read_stream.py', import.meta.url));

const project = await tempProject(SHOP);
await project.plumb('apply');
await project.plumb('materialize', '--until', UNTIL);
const { url } = await project.serve();
const BODY = {
  service: 'ranking',
  entities: [{ user_id: 1 }, { user_id: '9007199254740995' }, { user_id: 77 }, { user_id: null }],
  at: UNTIL,
  ...{ statuses: true, eventTimes: true, asOf: true },
};

const ask = (accept: string, body: object = BODY): Promise<Response> =>
  fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  });

test('the columns hold what the JSON says', async () => {
  const json = await answerOf<OnlineFeaturesResponse>(await ask('*/*', { ...BODY, int64: 'string' }));
  const response = await ask(ARROW);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), ARROW);
  const bytes = await response.bytes();
  assert.equal(response.headers.get('content-length'), String(bytes.length));
  const table = tableFromIPC(bytes);
  const names = json.features;
  const columns = Object.fromEntries(table.schema.fields.map(({ name }, i) => [name, columnValues(table)[i]]));
  const cells = (list: readonly (readonly unknown[])[] = []) =>
    Object.fromEntries(names.map((name, column) => [name, list.map((row) => row[column])]));
  const [values, statuses, times] = [cells(json.rows), cells(json.statuses), cells(json.eventTimes)];
  const int64 = (found: unknown): unknown => (found === null ? null : BigInt(found as string));
  const micros = (found: unknown): unknown => (found === null ? null : parseInstant(found as string));
  assert.deepEqual(columns, {
    profile__country: values.profile__country,
    profile__points: values.profile__points?.map(int64),
    spending__clicks_1d: values.spending__clicks_1d?.map(int64),
    spending__spend_1d: values.spending__spend_1d,
    ...Object.fromEntries(names.map((name) => [`${name}__status`, statuses[name]])),
    profile__event_time: times.profile__country?.map(micros),
    spending__event_time: times.spending__clicks_1d?.map(micros),
  });
  assert.deepEqual(Object.fromEntries(table.schema.metadata), {
    service: 'ranking',
    version: '1',
    features: '4',
    at: UNTIL,
    asOf: JSON.stringify(json.asOf),
  });
});

test('a body in chunks, which the router takes, has the same answer', async () => {
  const asked = request(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: ARROW, 'transfer-encoding': 'chunked' },
  });
  const answered = new Promise<Uint8Array>((resolve, reject) =>
    asked.on('error', reject).on('response', (response) => resolve(buffer(response))),
  );
  asked.end(JSON.stringify(BODY));
  assert.deepEqual(new Uint8Array(await answered), await (await ask(ARROW)).bytes());
});

test('mistakes are told in JSON, and 406 where neither form is accepted', async () => {
  await refusal(await ask(ARROW, { ...BODY, service: 'rankin' }), 'UNKNOWN_NAME');
  const { message, details } = await refusal(await ask('text/csv'), 'NOT_ACCEPTABLE');
  assert.equal(message, `Accept: found "text/csv", expected application/json or ${ARROW}`);
  assert.deepEqual(details, { accepted: ['application/json', ARROW] });
  assert.equal((await ask(`${ARROW};q=0.5, application/json`)).headers.get('content-type'), 'application/json');
  const twice = { features: ['profile:points', 'profile:points'], entities: [] };
  assert.deepEqual((await refusal(await ask(ARROW, twice), 'INVALID_REQUEST')).details, { column: 'profile__points' });
});

test('pyarrow reads every type, in batches', async (context) => {
  const python = await pythonWithPyarrow();
  if (python === null && process.env.CI === undefined) return context.skip('needs python3 with venv, and PyPI');
  const view = rowView('v', { id: 'int32' }, [
    { name: 'bool', type: 'bool' },
    { name: 'int32', type: 'int32' },
    { name: 'int64', type: 'int64' },
    { name: 'float32', type: 'float32' },
    { name: 'float64', type: 'float64' },
    { name: 'string', type: 'string' },
    { name: 'timestamp', type: 'timestamp' },
    { name: 'bytes', type: 'bytes' },
    { name: 'list', type: 'list<string>' },
    { name: 'vector', type: 'vector<float32,2>' },
  ]);
  const row = [
    true,
    -5,
    9_007_199_254_740_993n,
    0.5,
    0.1,
    'né"\n',
    -1n,
    Uint8Array.of(0, 255),
    ['a', null, ''],
    [1.5, -2],
  ];
  const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  await world.materialize(view, UNTIL, [
    { keys: [0], values: row, event: UNTIL },
    { keys: [1], values: row.map(() => null), event: UNTIL },
  ]);
  const entities = Array.from({ length: 20_000 }, (_, i) => ({ id: i % 3 }));
  const options = { statuses: true, eventTimes: true };
  const bytes = await world.lookup.arrow({ features: ['v:*'] }, entities, at(UNTIL), options);
  const { stdout, stderr, status } = spawnSync(python ?? '', [READER], { input: bytes, maxBuffer: 2 ** 28 });
  assert.equal(status, 0, String(stderr));
  const found = JSON.parse(String(stdout));
  const types = ['bool', 'int32', 'int64', 'float', 'double', 'string', 'timestamp[us, tz=UTC]', 'binary'];
  const status8 = 'dictionary<values=string, indices=int8, ordered=0>';
  assert.deepEqual(Object.values(found.types), [
    ...types,
    'list<item: string>',
    'fixed_size_list<item: float>[2]',
    ...row.map(() => status8),
    'timestamp[us, tz=UTC]',
  ]);
  assert.deepEqual(found.rows, [9090, 9090, 1820]);
  assert.deepEqual(found.metadata, { version: '3', features: '10', at: UNTIL });
  const first3 = Object.values<unknown[]>(found.columns).map((column) => column.slice(0, 3));
  const shown = [true, -5, 9_007_199_254_740_992, 0.5, 0.1, 'né"\n', -1, 'AP8=', ['a', null, ''], [1.5, -2]];
  assert.match(String(stdout), /"v__int64": \[9007199254740993,/);
  assert.deepEqual(first3, [
    ...shown.map((value) => [value, null, null]),
    ...row.map(() => ['PRESENT', 'NULL_VALUE', 'NOT_FOUND']),
    [Number(at(UNTIL)), Number(at(UNTIL)), null],
  ]);
});
