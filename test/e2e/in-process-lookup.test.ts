// Lookups inside a process of one's own answer what a server does, and follow what is applied and materialized.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openLookup } from '../../src/in-process/index.ts';
import { until } from '../waiting.ts';
import { answerOf } from './http-client.ts';
import { lookup, tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');
await project.plumb('materialize', '--until', UNTIL);
const plumb = await openLookup({ config: join(project.folder, 'plumb.yaml') });
after(() => plumb[Symbol.asyncDispose]());

const BIG = 9_007_199_254_740_995n;
const entities = [{ user_id: 1 }, { user_id: BIG }, { user_id: '2' }, { user_id: 99 }, { user_id: null }];
const request = { service: 'ranking', entities, at: UNTIL, statuses: true, eventTimes: true };

test('values, statuses and event times are those of the server', async () => {
  const { features, rows, statuses, eventTimes } = await plumb.lookup(request);
  assert.deepEqual(features, ['profile__country', 'profile__points', 'spending__clicks_1d', 'spending__spend_1d']);
  assert.deepEqual(rows, [
    ['US', 9_007_199_254_740_993n, 2n, 3.5],
    ['JP', -1n, 0n, null],
    ['DE', 7n, 0n, null],
    [null, null, 0n, null],
    [null, null, 0n, null],
  ]);
  assert.equal(eventTimes?.[0]?.[0], BigInt(Date.UTC(2026, 0, 1)) * 1000n);
  const server = await project.serve();
  const body = JSON.stringify({ ...request, entities: 0 }).replace(
    '0',
    `[{"user_id":1},{"user_id":${BIG}},{"user_id":"2"},{"user_id":99},{"user_id":null}]`,
  );
  const answer = await answerOf<{ statuses: unknown }>(await lookup(server.url, body));
  assert.deepEqual(statuses, answer.statuses);
  assert.deepEqual(JSON.parse(Buffer.from(await plumb.json(request)).toString()), answer);
});

test('regression: two lookups in one process live on while other processes open the store', async () => {
  const config = join(project.folder, 'plumb.yaml');
  const before = await plumb.lookup(request);
  const again = await openLookup({ config });
  await again.lookup(request);
  for (const _ of [1, 2]) {
    const { code } = await project.plumb('get', '--service', 'ranking', '--entity', '{"user_id":1}');
    assert.equal(code, 0);
    assert.deepEqual(await plumb.lookup(request), before);
    assert.deepEqual(await again.lookup(request), before);
  }
  await again[Symbol.asyncDispose]();
  await project.plumb('get', '--service', 'ranking', '--entity', '{"user_id":1}');
  assert.deepEqual(await plumb.lookup(request), before);
});

test('mistakes have the codes of the server', async () => {
  await assert.rejects(plumb.lookup({ service: 'rankin', entities: [] }), { code: 'UNKNOWN_NAME' });
  await assert.rejects(plumb.lookup({ service: 'ranking', entities: [{ user_id: 'x' }] }), { code: 'INVALID_REQUEST' });
  await assert.rejects(plumb.lookup({ entities: [] }), { code: 'INVALID_REQUEST' });
  await assert.rejects(plumb.lookup(undefined as never), { code: 'INVALID_REQUEST' });
  await assert.rejects(plumb.lookup({ ...request, at: 2n ** 63n - 1n }), { code: 'INVALID_REQUEST' });
  await assert.rejects(openLookup({ config: join(project.folder, 'none.yaml') }), { code: 'INVALID_CONFIG' });
});

test('a version that is applied and a run that goes live are served without opening anew', async () => {
  await project.write('features/shop.yaml', DEFINITIONS.replace('[profile:*, spending:*]', '[profile:points]'));
  await project.plumb('apply');
  const { features } = await until(
    () => plumb.lookup(request),
    ({ version }) => version === 2,
  );
  assert.deepEqual(features, ['profile__points']);
  await project.write('data/profiles.jsonl', '{"user_id":1,"ts":"2026-01-08T01:00:00Z","country":"US","points":5}\n');
  await project.plumb('materialize', 'profile', '--full', '--until', '2026-01-09T00:00:00Z');
  const { rows } = await plumb.lookup({ ...request, at: '2026-01-09T00:00:00Z' });
  assert.deepEqual(rows[0], [5n]);
});
