// Events move features of a running server: pushed, applied, looked up; over a definition that changes, and over kills.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { until } from '../waiting.ts';
import { type Document, type RunningServe, tempProject } from './project.ts';

const definitions = (features: string) => `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: int64 }] }
sources:
  - name: taps
    kind: stream
    timestampColumn: ts
    eventIdColumn: id
    columns: { id: string, user_id: int64, ts: timestamp, price: float64 }
featureViews:
  - name: spent
    kind: aggregate
    entities: [user]
    source: taps
    features: ${features}
featureServices:
  - { name: all, features: ["spent:*"] }
`;
const SUM = '[{ name: total, aggregate: sum, column: price, window: 7d }]';
const COUNT =
  '[{ name: taps, aggregate: count, window: 7d }, { name: total, aggregate: sum, column: price, window: 7d }]';

const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0 }\n',
  'features/taps.yaml': definitions(SUM),
});
assert.equal((await project.plumb('apply')).code, 0);

async function post({ url }: RunningServe, path: string, body: unknown) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    answer: (await response.json()) as {
      readonly accepted: number;
      readonly rows: readonly unknown[];
      readonly asOf?: Readonly<Record<string, string>>;
    },
  };
}

const tap = (id: string, price: number, ts = new Date(Date.now() - 1000).toISOString()) => ({
  id,
  user_id: 7,
  ts,
  price,
});
const push = (server: RunningServe, events: readonly unknown[]) => post(server, '/v1/sources/taps/events', { events });
const lookup = async (server: RunningServe) => {
  const { status, answer } = await post(server, '/v1/online-features', { service: 'all', entities: [{ user_id: 7 }] });
  return status === 200 ? answer.rows[0] : status;
};
const served = async (server: RunningServe, expected: unknown) => {
  await until(async () => JSON.stringify(await lookup(server)) === JSON.stringify(expected));
};

test('a feature moves after an event, goes on after kills, and a changed definition counts what was pushed before', async () => {
  const server = await project.serve();
  await served(server, [null]);
  assert.equal((await push(server, [tap('a', 1.5), tap('b', 2)])).status, 202);
  await served(server, [3.5]);
  await server.kill();
  const again = await project.serve();
  assert.equal((await push(again, [tap('b', 2), tap('c', 4)])).answer.accepted, 1);
  await served(again, [7.5]);
  await project.write('features/taps.yaml', definitions(COUNT));
  assert.equal((await project.plumb('apply')).code, 0);
  await served(again, [3, 7.5]);
  const client = new PlumbClient({ url: again.url });
  const answer = await client.push('taps', [tap('d', 1), tap('e', 2)], {
    wait: 'applied',
    timeout: '30s',
    batchSize: 1,
  });
  assert.deepEqual([answer.accepted, answer.applied], [2, true]);
  assert.deepEqual(await lookup(again), [5, 10.5]);
  await again.stop();
});

test('materialize leaves the view to its stream; --full rebuilds it while it serves, and needs who does it', async () => {
  const skipped = await project.json('materialize');
  assert.deepEqual([skipped.code, outcomesOf(skipped.document)], [0, ['skipped']]);
  const alone = await project.json('materialize', 'spent', '--full');
  assert.deepEqual([alone.code, outcomesOf(alone.document)], [1, ['failed']]);
  const server = await project.serve();
  await served(server, [5, 10.5]);
  const before = await statusOf();
  const rebuilt = await project.json('materialize', 'spent', '--full');
  assert.deepEqual([rebuilt.code, outcomesOf(rebuilt.document)], [0, ['succeeded']], JSON.stringify(rebuilt.document));
  assert.deepEqual(await lookup(server), [5, 10.5]);
  const after = await statusOf();
  assert.notEqual(after.generation, before.generation);
  assert.deepEqual(after.stream, { source: 'taps', isLive: true, isFilling: false, lagEvents: 0, lagSeconds: 0 });
  const body = { service: 'all', entities: [{ user_id: 7 }], asOf: true };
  const { answer } = await post(server, '/v1/online-features', body);
  assert.ok(Date.now() - Date.parse(answer.asOf?.spent ?? '') < 600_000, JSON.stringify(answer));
  await push(server, [tap('f', 1)]);
  await served(server, [6, 11.5]);
  await server.stop();
});

test('/readyz is 503 while events wait for longer than server.maxLagMillis', async () => {
  await project.write('plumb.yaml', 'project: shop\nserver: { port: 0, maxLagMillis: 200, duties: [lookup] }\n');
  const server = await project.serve();
  const ready = async () => (await fetch(`${server.url}/readyz`)).status;
  assert.equal(await ready(), 200);
  await push(server, [tap('late', 1)]);
  await until(async () => (await ready()) === 503);
  await server.stop();
});

const outcomesOf = ({ runs }: Document) =>
  (runs as readonly { readonly outcome: string }[]).map(({ outcome }) => outcome);

async function statusOf() {
  const { document } = await project.json('status');
  const [view] = document.views as readonly { readonly generation: string; readonly stream: unknown }[];
  return { generation: view?.generation, stream: view?.stream };
}
