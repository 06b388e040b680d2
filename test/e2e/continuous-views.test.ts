// A continuous aggregate view from its definition to its answers: values at later instants than the run's, statuses, event times,
// both forms of int64, Arrow, a service mixed with views of other kinds, and a store filled from snapshots.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import type { MaterializationRun, OnlineFeaturesResponse } from '../../schemas/wire-types.ts';
import { columnValues } from '../support/arrow-values.ts';
import { answerOf, post } from './http-client.ts';
import { tempProject } from './project.ts';
import { SHOP, UNTIL } from './shop.ts';

const CONTINUOUS = `
featureViews:
  - name: recent
    kind: aggregate
    entities: [user]
    source: clicks
    features:
      - { name: clicks_1d, aggregate: count, window: 1d, hop: 1h }
      - { name: spend_1d, aggregate: sum, column: price, window: 1d, hop: 1h, default: 0 }
      - { name: prices, aggregate: last_n, n: 2, column: price, window: 1d, hop: 1h }
      - { name: dear_ever, aggregate: count, where: price > 1.8, window: unbounded }
      - { name: day_before, aggregate: count, window: 1d, offset: 1d, hop: 1h }
featureServices:
  - name: mixed
    features: [recent:prices, profile:country, recent:clicks_1d, recent:spend_1d, recent:dear_ever, recent:day_before, spending:clicks_1d]
`;

const project = await tempProject({ ...SHOP, 'features/continuous.yaml': CONTINUOUS });
await project.plumb('apply');
const { code, document } = await project.json('materialize', '--until', UNTIL);
const { url } = await project.serve();

const lookUp = async (at: string, body: object = {}): Promise<OnlineFeaturesResponse> =>
  answerOf(
    await post(url, '/v1/online-features', {
      ...{ service: 'mixed', entities: [{ user_id: 1 }, { user_id: 2 }, { user_id: 77 }, { user_id: null }], at },
      ...{ statuses: true, eventTimes: true, asOf: true, ...body },
    }),
  );

test('materialize without names runs it', () => {
  const runs = document.runs as readonly MaterializationRun[];
  assert.equal(code, 0);
  assert.deepEqual(
    runs.map(({ view, outcome, rowsWritten }) => [view, outcome, rowsWritten]),
    [
      ['recent', 'succeeded', 2],
      ['profile', 'succeeded', 3],
      ['spending', 'succeeded', 1],
    ],
  );
});

test('at the instant of the run: values, statuses, event times, in the order of the service', async () => {
  const { rows, statuses = [], eventTimes = [], asOf } = await lookUp(UNTIL);
  assert.deepEqual(rows, [
    [[2, 1.5], 'US', 2, 3.5, 1, 0, 2],
    [[], 'DE', 0, 0, 1, 0, 0],
    [[], null, 0, 0, 0, 0, 0],
    [[], null, 0, 0, 0, 0, 0],
  ]);
  assert.deepEqual(statuses[0], new Array(7).fill('PRESENT'));
  assert.deepEqual(
    statuses[1],
    ['PRESENT', 'PRESENT', 'PRESENT', 'NULL_VALUE', 'PRESENT', 'PRESENT', 'NOT_FOUND'],
    'the window without an end holds a row',
  );
  assert.deepEqual(statuses[2], new Array(7).fill('NOT_FOUND'));
  assert.deepEqual(
    [eventTimes[0]?.[0], eventTimes[1]?.[2], eventTimes[2]?.[2]],
    ['2026-01-07T12:30:00Z', '2026-01-05T00:00:00Z', null],
  );
  assert.equal(asOf?.recent, UNTIL);
});

test('later, windows move on over the rows of the run, on both sides of an edge; scheduled views stay', async () => {
  const first = async (at: string) => (await lookUp(at)).rows[0];
  assert.deepEqual(await first('2026-01-08T10:59:59.999999Z'), [[2, 1.5], 'US', 2, 3.5, 1, 0, 2]);
  assert.deepEqual(await first('2026-01-08T11:00:00Z'), [[2], 'US', 1, 2, 1, 1, 2]);
  assert.deepEqual(await first('2026-01-08T13:00:00Z'), [[], 'US', 0, 0, 1, 2, 2]);
  assert.deepEqual(await first('2026-03-01T00:00:00Z'), [[], 'US', 0, 0, 1, 0, 2]);
});

test('before the run nothing is known, of no key', async () => {
  const { rows, statuses = [], eventTimes = [] } = await lookUp('2026-01-07T23:59:59.999999Z');
  for (const i of [0, 1, 2, 3]) {
    assert.deepEqual([rows[i]?.[0], statuses[i]?.[0], eventTimes[i]?.[0]], [null, 'TOO_EARLY', null]);
  }
  assert.deepEqual([rows[0]?.[1], statuses[0]?.[1]], ['US', 'PRESENT']);
});

test('int64 as text, and in Arrow', async () => {
  const { rows } = await lookUp(UNTIL, { int64: 'string' });
  assert.deepEqual(rows[0], [[2, 1.5], 'US', '2', 3.5, '1', '0', '2']);
  const arrow = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/vnd.apache.arrow.stream' },
    body: JSON.stringify({ features: ['recent:*'], entities: [{ user_id: 1 }, { user_id: 77 }], at: UNTIL }),
  });
  const table = tableFromIPC(await arrow.bytes());
  assert.deepEqual(columnValues(table).slice(0, 5), [
    [2n, 0n],
    [3.5, 0],
    [[2, 1.5], []],
    [1n, 0n],
    [0n, 0n],
  ]);
});

test('a run later takes what is gone away; from its snapshot a store is filled with the same answers', async () => {
  const later = '2026-01-20T00:00:00Z';
  assert.equal((await project.plumb('materialize', 'recent', '--until', later)).code, 0);
  const want = await lookUp(later);
  assert.deepEqual(want.rows[0]?.slice(2, 6), [0, 0, 1, 0]);
  assert.equal((await project.plumb('materialize', 'recent', '--from-snapshot')).code, 0);
  assert.deepEqual((await lookUp(later)).rows, want.rows);
  assert.equal((await project.plumb('materialize', 'recent', '--until', UNTIL)).code, 2, 'behind the watermark');
  assert.equal((await project.plumb('materialize', 'recent', '--until', UNTIL, '--full')).code, 0);
  assert.deepEqual((await lookUp(UNTIL)).rows[0]?.[2], 2);
});

test('what makes an entry too big is left out: it reads INVALID, default or not, and the run tells it', async () => {
  const views = `
featureViews:
  - name: recent
    kind: aggregate
    entities: [user]
    source: clicks
    features:
      - { name: clicks_1d, aggregate: count, window: 1d }
      - { name: prices_1d, aggregate: count_distinct, column: price, window: 1d, default: 7 }
featureServices: [{ name: bounded, features: [recent:*] }]
`;
  const clicks = Array.from({ length: 200 }, (_, i) =>
    JSON.stringify({ user_id: i % 100 === 99 ? 2 : 1, ts: '2026-01-07T12:00:00Z', price: i }),
  );
  const bounded = await tempProject({
    ...SHOP,
    'plumb.yaml': 'project: shop\nonline: { kind: lmdb, maxEntryBytes: 500 }\nengine: { kind: duckdb, threads: 1 }\n',
    'features/continuous.yaml': views,
    'data/clicks.jsonl': clicks.join('\n'),
  });
  assert.equal((await bounded.plumb('apply')).code, 0);
  const { code: done, document: told } = await bounded.json('materialize', 'recent', '--until', UNTIL);
  const [run] = told.runs as readonly MaterializationRun[];
  assert.deepEqual([done, run?.invalidValues], [0, { prices_1d: 1 }]);
  const entities = ['--entity', '{"user_id":1}', '--entity', '{"user_id":2}'];
  const got = await bounded.json('get', '--service', 'bounded', ...entities, '--at', UNTIL);
  const { rows, statuses } = got.document as unknown as OnlineFeaturesResponse;
  assert.deepEqual(rows, [
    [198, null],
    [2, 2],
  ]);
  assert.deepEqual(statuses, [
    ['PRESENT', 'INVALID'],
    ['PRESENT', 'PRESENT'],
  ]);
});
