// Partial answers: what cannot be read is null with status UNAVAILABLE, without a default, and all else is as ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { at, catalogOf, FakeWorld, parseAnswer, rowView } from '../../test/support/fake-world.ts';
import { MemoryOnlineStore } from './memory/memory-online-store.ts';
import { type OnlineStore, type PartialData, UNREACHABLE } from './online-store.ts';

const NOW = '2026-01-08T00:00:00Z';
const profile = rowView('profile', { user_id: 'int64' }, [
  { name: 'country', type: 'string', default: 'XX' },
  { name: 'age', type: 'int64' },
]);
const spending = rowView('spending', { user_id: 'int64' }, [{ name: 'spend', type: 'float64', default: 0 }]);

type Spoil = (data: PartialData) => PartialData;

/** A store of which parts are away, as `spoil` says. */
function spoilt(spoil: Spoil): OnlineStore {
  const store = new MemoryOnlineStore();
  const readPartially: OnlineStore['readPartially'] = async (selections, views) =>
    spoil({ ...(await store.read(selections, views)), tokens: null });
  return Object.assign(store, { readPartially });
}

async function worldOver(spoil: Spoil): Promise<FakeWorld> {
  const world = new FakeWorld(catalogOf([profile, spending]), spoilt(spoil));
  await world.materialize(
    profile,
    NOW,
    [1n, 2n].map((key) => ({ keys: [key], values: ['US', key], event: '2026-01-01T00:00:00Z' })),
  );
  await world.materialize(spending, NOW, [{ keys: [1n], values: [2.5], event: '2026-01-01T00:00:00Z' }]);
  return world;
}

const FEATURES = ['profile:country', 'spending:spend', 'profile:age'];

async function ask({ lookup }: FakeWorld, keys: readonly (bigint | null)[], partial = true) {
  const entities = keys.map((key) => ({ user_id: key }));
  const options = { statuses: true, eventTimes: true, partial };
  return parseAnswer(await lookup.lookup({ features: FEATURES }, entities, at(NOW), options));
}

/** The rows of one entity in one view. */
const away =
  (entity: number, view: number): Spoil =>
  (data) => ({
    ...data,
    rows: data.rows.map((ofSpace) =>
      ofSpace.map((row, key) => row.map((found, index) => (key === entity && index === view ? UNREACHABLE : found))),
    ),
  });

test('an entity and a view that cannot be read: null and UNAVAILABLE there, all else exact', async () => {
  const answer = await ask(await worldOver(away(0, 0)), [1n, 2n, 3n, null]);
  assert.deepEqual(answer.rows, [
    [null, 2.5, null],
    ['US', 0, 2],
    ['XX', 0, null],
    ['XX', 0, null],
  ]);
  assert.deepEqual(answer.statuses, [
    ['UNAVAILABLE', 'PRESENT', 'UNAVAILABLE'],
    ['PRESENT', 'NOT_FOUND', 'PRESENT'],
    ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
  ]);
  assert.deepEqual(answer.eventTimes?.[0], [null, '2026-01-01T00:00:00Z', null]);
});

test('UNAVAILABLE comes before TOO_EARLY', async () => {
  const world = await worldOver(away(0, 0));
  const json = await world.lookup.lookup({ features: FEATURES }, [{ user_id: 1n }], at('2020-01-01T00:00:00Z'), {
    statuses: true,
    partial: true,
  });
  assert.deepEqual(parseAnswer(json).statuses, [['UNAVAILABLE', 'TOO_EARLY', 'UNAVAILABLE']]);
});

test('states of a moment ago judge rows of their runs; the row of a later run is UNAVAILABLE', async () => {
  // The states that were written have the token 1.
  const tokens: Spoil = (data) => ({
    ...data,
    tokens: data.rows.map((ofSpace) => ofSpace.map((row, key) => row.map((_found, view) => BigInt(1 + key * view)))),
  });
  const answer = await ask(await worldOver(tokens), [1n, 2n, 3n]);
  assert.deepEqual(answer.statuses, [
    ['PRESENT', 'PRESENT', 'PRESENT'],
    ['PRESENT', 'UNAVAILABLE', 'PRESENT'],
    ['NOT_FOUND', 'UNAVAILABLE', 'NOT_FOUND'],
  ]);
});

test('without `partial`, and from a store that cannot answer in part, nothing changes', async () => {
  const world = await worldOver(() => assert.fail('it was asked for a part'));
  assert.deepEqual((await ask(world, [1n], false)).rows, [['US', 2.5, 1]]);
  const whole = new FakeWorld(catalogOf([profile, spending]), new MemoryOnlineStore());
  await whole.materialize(profile, NOW, []);
  await whole.materialize(spending, NOW, []);
  assert.deepEqual((await ask(whole, [1n])).rows, [['XX', 0, null]]);
});

test('where not even the states are known, the lookup fails', async () => {
  const world = await worldOver(() => {
    throw new PlumbError('STORE_UNAVAILABLE', 'away');
  });
  await assert.rejects(ask(world, [1n]), /away/);
});
