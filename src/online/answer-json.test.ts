import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../../schemas/types.ts';
import { at, catalogOf, FakeWorld, rowView } from '../../test/support/fake-world.ts';
import type { AnswerOptions } from './answer-json.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';

const AT = '1970-01-01T00:00:01Z';
const features = [
  { name: 'a', type: 'int64', default: 2n ** 63n - 1n },
  { name: 'b', type: 'float64' },
  { name: 'c', type: 'timestamp', default: 0n },
  { name: 'd', type: 'list<int64>', emptyValue: [] },
  { name: 'e', type: 'string', default: 'né' },
] as const;
const view = rowView('v', { id: 'int32' }, features, { ttlMicros: 1_000_000n });

async function worldOf(rows: readonly { readonly values: readonly Value[]; readonly event?: string }[]) {
  const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  await world.materialize(
    view,
    AT,
    rows.map(({ values, event = AT }, key) => ({ keys: [key], values, event })),
  );
  return async (names: readonly string[], keys: readonly number[], options: AnswerOptions = {}): Promise<string> => {
    const entities = keys.map((id) => ({ id }));
    const json = await world.lookup.lookup({ features: names.map((name) => `v:${name}`) }, entities, at(AT), options);
    return Buffer.from(json).toString();
  };
}

const full = { values: [-(2n ** 63n), 0.5, 1n, [1n, null], '"\u2028é'] };
const nothing = { values: [null, null, null, null, null] };
const old = { ...full, event: '1969-12-31T23:59:59Z' };
const early = { ...full, event: '1970-01-01T00:00:02Z' };

test('writes what was asked for, and nothing else', async () => {
  const ask = await worldOf([full, nothing]);
  assert.equal(
    await ask(['*'], [0, 1]),
    '{"service":null,"version":3,"features":["v__a","v__b","v__c","v__d","v__e"],"rows":[' +
      '[-9223372036854775808,0.5,"1970-01-01T00:00:00.000001Z",[1,null],"\\"\u2028é"],' +
      '[9223372036854775807,null,"1970-01-01T00:00:00Z",null,"né"]],"at":"1970-01-01T00:00:01Z"}',
  );
});

test('statuses, event times and as-of instants', async () => {
  const ask = await worldOf([full, nothing, old, early]);
  const answer = await ask(['b', 'c'], [0, 1, 2, 3, 4], { statuses: true, eventTimes: true, asOf: true });
  assert.equal(
    answer,
    JSON.stringify({
      service: null,
      version: 3,
      features: ['v__b', 'v__c'],
      rows: [
        [0.5, '1970-01-01T00:00:00.000001Z'],
        [null, '1970-01-01T00:00:00Z'],
        [null, '1970-01-01T00:00:00Z'],
        [null, null],
        [null, '1970-01-01T00:00:00Z'],
      ],
      statuses: [
        ['PRESENT', 'PRESENT'],
        ['NULL_VALUE', 'NULL_VALUE'],
        ['OUTSIDE_MAX_AGE', 'OUTSIDE_MAX_AGE'],
        ['TOO_EARLY', 'TOO_EARLY'],
        ['NOT_FOUND', 'NOT_FOUND'],
      ],
      eventTimes: [
        [AT, AT],
        [AT, AT],
        [old.event, old.event],
        [null, null],
        [null, null],
      ],
      asOf: { v: AT },
      at: AT,
    }),
  );
});

test('int64 as text, whatever the status: in rows, defaults, empty values and lists', async () => {
  const ask = await worldOf([full, nothing, old, early]);
  const answer = JSON.parse(await ask(['d', 'a', 'b'], [0, 1, 2, 3, 4], { int64: 'string' })) as { rows: unknown };
  assert.deepEqual(answer.rows, [
    [['1', null], '-9223372036854775808', 0.5],
    [null, '9223372036854775807', null],
    [null, '9223372036854775807', null],
    [null, null, null],
    [[], '9223372036854775807', null],
  ]);
});

test('any features in any order, often or not at all, are those of the whole row', async () => {
  const ask = await worldOf([full, nothing, old, early]);
  const whole = JSON.parse(await ask(['*'], [0, 1, 2, 3, 4], { statuses: true })) as Answer;
  const index = new Map<string, number>(features.map(({ name }, i) => [name, i]));
  const names = fc.array(fc.constantFrom(...index.keys()), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(names, async (picked) => {
      const { rows, statuses } = JSON.parse(await ask(picked, [0, 1, 2, 3, 4], { statuses: true })) as Answer;
      const pick = <T>(row: readonly T[]): (T | undefined)[] => picked.map((name) => row[index.get(name) ?? -1]);
      assert.deepEqual([rows, statuses], [whole.rows.map(pick), whole.statuses.map(pick)]);
    }),
  );
});

interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  readonly statuses: readonly (readonly string[])[];
}
