// A continuous view through every way to look it up: over HTTP as JSON and Arrow, by the SDK, and in a process of one's own.
// All of them have the digits of an int64 and the order of a map.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { PlumbClient } from '../../sdk/typescript/src/index.ts';
import { openLookup } from '../../src/in-process/index.ts';
import { parseInstant } from '../../src/instant.ts';
import { columnValues } from '../support/arrow-values.ts';
import { BIG, CONTINUOUS_SHOP, click, FIRST, must, NOON, USERS } from './continuous-shop.ts';
import { lookup, tempProject } from './project.ts';

const project = await tempProject(CONTINUOUS_SHOP);
await must(project, 'apply');
await must(project, 'materialize', '--until', FIRST);
const { url } = await project.serve();
const client = new PlumbClient({ url });
const plumb = await openLookup({ config: join(project.folder, 'plumb.yaml') });
after(() => plumb[Symbol.asyncDispose]());

const FEATURES = ['clicks_1d', 'cents_1d', 'prices', 'cents_by', 'kinds', 'day_before'].map(
  (name) => `recent__${name}`,
);
const entities = USERS.map((user_id) => ({ user_id }));
const at = (instant: string) => ({ service: 'ranking', entities, at: instant, statuses: true, eventTimes: true });
const FOUND = new Array(6).fill('PRESENT');
/** Of user 2, whose only row is before the window of a day; an unbounded window holds it. */
const EMPTY = ['PRESENT', 'NULL_VALUE', 'PRESENT', 'PRESENT', 'PRESENT', 'PRESENT'];
const STATUSES = [FOUND, EMPTY, FOUND, new Array(6).fill('NOT_FOUND')];
const LAST_CLICKS = ['2026-01-07T13:00:00Z', '2026-01-05T00:00:00Z', '2026-01-07T23:13:00Z', null];

test('JSON has every digit, and maps in their order', async () => {
  const text = await (await lookup(url, at(FIRST))).text();
  const rows = /"rows":(\[\[.*\]\]),"statuses"/.exec(text)?.[1];
  assert.equal(
    rows,
    `[[3,${BIG + 500n},[3,2],{"a":${BIG},"c":300},["a","b"],0],[0,null,[],{},["a"],0],` +
      '[200,19900,[199,198],{"k1":6700,"k0":6633},["k0","k1"],0],[0,null,[],{},[],0]]',
  );
  const asText = await (await lookup(url, { ...at(FIRST), int64: 'string' })).text();
  assert.ok(asText.includes(`[["3","${BIG + 500n}",[3,2],{"a":"${BIG}","c":"300"},["a","b"],"0"]`), asText);
});

test('in a process: bigints, maps as pairs, statuses and event times; half a day later too', async () => {
  const { features, rows, statuses, eventTimes } = await plumb.lookup(at(FIRST));
  assert.deepEqual(features, FEATURES);
  assert.deepEqual(rows, [
    [
      3n,
      BIG + 500n,
      [3, 2],
      [
        ['a', BIG],
        ['c', 300n],
      ],
      ['a', 'b'],
      0n,
    ],
    [0n, null, [], [], ['a'], 0n],
    [
      200n,
      19_900n,
      [199, 198],
      [
        ['k1', 6_700n],
        ['k0', 6_633n],
      ],
      ['k0', 'k1'],
      0n,
    ],
    [0n, null, [], [], [], 0n],
  ]);
  assert.deepEqual(statuses, STATUSES);
  assert.deepEqual(
    eventTimes?.map(([first]) => first),
    LAST_CLICKS.map((text) => (text === null ? null : parseInstant(text))),
  );
  const noon = await plumb.lookup(at(NOON));
  assert.deepEqual(noon.rows[0], [
    2n,
    500n,
    [3, 2],
    [
      ['c', 300n],
      ['b', 200n],
    ],
    ['a', 'b'],
    1n,
  ]);
  const early = await plumb.lookup(at('2026-01-07T23:59:59.999999Z'));
  assert.deepEqual(new Set(early.statuses?.flat()), new Set(['TOO_EARLY']));
  const served = await (await lookup(url, at(NOON))).text();
  assert.equal(Buffer.from(await plumb.json(at(NOON))).toString(), served);
});

test('the SDK: rows of JSON, and columns of Arrow, have the same', async () => {
  const answer = await client.lookup(at(FIRST));
  assert.deepEqual(answer.features, FEATURES);
  assert.deepEqual(answer.statuses, STATUSES);
  assert.deepEqual(answer.rows[0], [3, BIG + 500n, [3, 2], { a: BIG, c: 300 }, ['a', 'b'], 0]);
  assert.deepEqual(Object.keys(answer.rows[2]?.[3] as object), ['k1', 'k0']);
  const columns = await client.lookupColumns(at(FIRST));
  for (const [i, feature] of FEATURES.entries()) {
    assert.deepEqual(
      columns.values(feature),
      answer.rows.map((row) => row[i]),
      feature,
    );
    assert.deepEqual(
      columns.statuses(feature),
      STATUSES.map((row) => row[i]),
    );
    assert.deepEqual(
      columns.eventTimes(feature),
      answer.eventTimes?.map((row) => row[i]),
    );
  }
  assert.deepEqual(
    answer.eventTimes?.map(([first]) => first),
    LAST_CLICKS,
  );
});

test('Arrow: int64 and maps of int64 as they are', async () => {
  const response = await fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/vnd.apache.arrow.stream' },
    body: JSON.stringify({ features: ['recent:cents_1d', 'recent:cents_by'], entities, at: FIRST }),
  });
  const [cents, by] = columnValues(tableFromIPC(await response.bytes()));
  assert.deepEqual(cents, [BIG + 500n, null, 19_900n, null]);
  assert.deepEqual(by, [
    [
      ['a', BIG],
      ['c', 300n],
    ],
    [],
    [
      ['k1', 6_700n],
      ['k0', 6_633n],
    ],
    [],
  ]);
});

test('a sum that overflows is INVALID, and so is its map, while the window holds both rows; then it is a value', async () => {
  const clicks = [
    click(1, '2026-01-07T10:00:00Z', 1, 2n ** 63n - 1n, 'a'),
    click(1, '2026-01-07T13:00:00Z', 2, 1, 'a'),
    click(1, '2026-01-07T13:00:00Z', 2, 2, '10'),
  ];
  const shop = await tempProject({ ...CONTINUOUS_SHOP, 'data/clicks.jsonl': clicks.join('') });
  await must(shop, 'apply');
  const { runs } = (await must(shop, 'materialize', '--until', FIRST)) as { runs: { invalidValues: object }[] };
  assert.deepEqual(runs[0]?.invalidValues, { cents_1d: 1, cents_by: 1 });
  await using inProcess = await openLookup({ config: join(shop.folder, 'plumb.yaml') });
  const of = async (instant: string) => {
    const request = { features: ['recent:cents_1d', 'recent:cents_by'], entities: [{ user_id: 1 }], statuses: true };
    const { rows, statuses } = await inProcess.lookup({ ...request, at: instant });
    return [rows[0], statuses?.[0]];
  };
  assert.deepEqual(await of(FIRST), [
    [null, null],
    ['INVALID', 'INVALID'],
  ]);
  assert.deepEqual(await of('2026-01-08T10:59:59.999999Z'), await of(FIRST));
  const map = [
    ['10', 2n],
    ['a', 1n],
  ];
  assert.deepEqual(await of('2026-01-08T11:00:00Z'), [
    [3n, map],
    ['PRESENT', 'PRESENT'],
  ]);
});
