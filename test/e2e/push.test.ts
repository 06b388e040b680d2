// Events pushed over HTTP are on disk when the answer comes, each id once, whatever becomes of the server.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { EmbeddedEventLog } from '../../src/ingest/embedded/embedded-event-log.ts';
import { type RunningServe, tempProject } from './project.ts';

const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0, auth: keys, limits: { eventsPerRequest: 500 } }\n',
  'features/taps.yaml': `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { id: string, user_id: int64, ts: timestamp, price: float64 }
    deadLetters: 7d
  - { name: others, kind: stream, timestampColumn: ts, columns: { ts: timestamp } }
featureViews:
  - name: spent
    kind: aggregate
    entities: [user]
    source: taps
    features: [{ name: total, aggregate: sum, column: price, window: 7d }]
featureServices:
  - { name: all, features: ["spent:*"] }
`,
});
assert.equal((await project.plumb('apply')).code, 0);

async function keyOf(...args: readonly string[]): Promise<string> {
  const { document } = await project.json('key', 'create', ...args);
  return String(document.key);
}
const [writer, reader, limited] = [
  await keyOf('--role', 'writer'),
  await keyOf('--role', 'reader'),
  await keyOf('--role', 'writer', '--source', 'others'),
];

const tap = (id: string, price: unknown = 1) => ({ id, user_id: 7, ts: '2026-01-03T00:00:00Z', price });

async function push({ url }: RunningServe, body: unknown, source = 'taps', key = writer, query = '') {
  const response = await fetch(`${url}/v1/sources/${source}/events${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown> & { readonly error?: { readonly code: string } };
  return { status: response.status, code: answer.error?.code, answer };
}

async function logged(): Promise<readonly string[]> {
  await using log = await EmbeddedEventLog.open(join(project.folder, '.plumb/log'), 'shop');
  const [state] = await log.partitions('taps');
  const position = { source: 'taps', partition: 0, epoch: state?.epoch ?? '', offset: 0n };
  return (await log.read(position, { events: 1000, bytes: 1e6 })).map(({ id, by }) => `${id} ${by?.length}`);
}

test('acknowledged events survive a kill and count once when they are sent again', async () => {
  const server = await project.serve();
  const nothing = { accepted: 0, duplicates: 0, differing: [], ignored: 0, rejected: [] };
  const first = await push(server, { events: [tap('a'), tap('b')] });
  assert.deepEqual([first.status, first.answer], [202, { ...nothing, accepted: 2 }]);
  await server.kill();
  const again = await project.serve();
  const repeated = await push(again, { events: [tap('a'), tap('b', 2), tap('c')] });
  assert.deepEqual(repeated.answer, { ...nothing, accepted: 1, duplicates: 2, differing: [1] });
  await again.stop();
  assert.deepEqual(await logged(), ['a 12', 'b 12', 'c 12']);
  const { document } = await project.json('audit', 'list');
  assert.doesNotMatch(JSON.stringify(document), /pushEvents/);
});

test('what cannot be pushed is refused, each for its reason', async () => {
  const server = await project.serve();
  const bad = await push(server, { events: [tap('d'), tap('e', 'dear')] });
  assert.deepEqual([bad.status, bad.code], [422, 'INVALID_EVENTS']);
  assert.match(JSON.stringify(bad.answer), /\$\.events\[1\]\.price: found \\"dear\\", expected a number/);
  const some = await push(server, { events: [tap('d'), tap('e', 'dear')], onError: 'accept_valid' });
  assert.deepEqual([some.status, some.answer.accepted], [202, 1]);
  const many = await push(server, { events: Array.from({ length: 501 }, (_, i) => tap(`m${i}`)) });
  assert.deepEqual([many.status, many.code], [413, 'TOO_LARGE']);
  const refusals: readonly (readonly [unknown, string, string, number, string])[] = [
    [{ events: [] }, 'tapps', writer, 404, 'UNKNOWN_NAME'],
    [{ event: [] }, 'taps', writer, 400, 'INVALID_REQUEST'],
    [{ events: [], onError: 'ignore' }, 'taps', writer, 400, 'INVALID_REQUEST'],
    [{ events: [] }, 'taps', reader, 403, 'FORBIDDEN'],
    [{ events: [] }, 'taps', limited, 403, 'FORBIDDEN'],
    [{ events: [] }, 'taps', 'none', 401, 'UNAUTHENTICATED'],
  ];
  for (const [body, source, key, ...expected] of refusals) {
    const { status, code } = await push(server, body, source, key);
    assert.deepEqual([status, code], expected, JSON.stringify(body));
  }
  assert.equal((await push(server, { events: [{ ts: '2026-01-03T00:00:00Z' }] }, 'others', limited)).status, 202);
  await server.stop();
  assert.equal((await logged()).filter((line) => line.startsWith('m')).length, 0);
});

test('a push that waits tells in time whether its events are applied; how long it may wait is bounded', async () => {
  const server = await project.serve({ PLUMB_SERVER_DUTIES: '["lookup"]' });
  const wait = (query: string) => push(server, { events: [tap(`w${query}`)] }, 'taps', writer, query);
  const late = await wait('?wait=applied&timeout=1s');
  assert.deepEqual([late.status, late.answer.accepted, late.answer.applied], [202, 1, false]);
  const unread = await push(server, { events: [] }, 'others', writer, '?wait=applied');
  assert.deepEqual([unread.status, unread.answer.applied], [202, true]);
  for (const query of [
    '?wait=seen',
    '?timeout=5s',
    '?wait=applied&timeout=61s',
    '?wait=applied&timeout=0s',
    '?now=1',
  ]) {
    const { status, code } = await wait(query);
    assert.deepEqual([status, code], [400, 'INVALID_REQUEST'], query);
  }
  await server.stop();
});

test('the SDK pushes in batches, and tells places by the whole', async () => {
  const server = await project.serve();
  const client = new PlumbClient({ url: server.url, apiKey: writer });
  async function* events() {
    for (let i = 0; i < 25; i += 1) yield tap(`s${i}`, i === 17 ? 'dear' : i);
  }
  const options = { onError: 'accept_valid', batchSize: 10, hasIds: true } as const;
  const answer = await client.push('taps', events(), options);
  assert.deepEqual(
    [answer.accepted, answer.duplicates, answer.rejected.map(({ index, path }) => [index, path])],
    [24, 0, [[17, 'price']]],
  );
  const again = await client.push('taps', [tap('s3', 3), tap('s4', 5)], options);
  assert.deepEqual([again.accepted, again.duplicates, again.differing], [0, 2, [1]]);
  const oneByOne = await client.push('taps', [tap('t1', 'dear'), tap('t2')], { onError: 'accept_valid', batchSize: 1 });
  assert.deepEqual([oneByOne.accepted, oneByOne.rejected.map(({ index }) => index)], [1, [0]]);
  await assert.rejects(client.push('taps', events(), { batchSize: 10 }), { code: 'INVALID_EVENTS' });
  await assert.rejects(client.push('taps', [], { batchSize: 0 }), TypeError);
  await server.stop();
});
