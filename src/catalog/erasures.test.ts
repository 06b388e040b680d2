// Which keys of a view are erased, as definitions change around a record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JoinKeyType } from '../../schemas/types.ts';
import { rowView } from '../../test/support/fake-world.ts';
import type { Catalog, Entity, FeatureView } from './catalog.ts';
import type { Erasure } from './erasure.ts';
import { erasedKeysOf, pendingFor, typedKeys } from './erasures.ts';

const entity = (name: string, joinKeys: Entity['joinKeys']): [string, Entity] => [
  name,
  { name, joinKeys, description: null, owner: null, tags: {} },
];

const erasure = (texts: readonly string[], type: JoinKeyType, more: Partial<Erasure> = {}): Erasure => ({
  ...{ id: 'e1', entity: 'user', joinKeys: [{ name: 'user_id', type }], beforeMicros: 10n, isPending: false },
  keys: texts.map((text) => [text]),
  ...more,
});

function world(type: JoinKeyType, erasures: readonly Erasure[]) {
  const entities = new Map([
    entity('item', [{ name: 'item_id', type: 'string' }]),
    entity('user', [{ name: 'uid', type }]),
  ]);
  const view: FeatureView = {
    ...rowView('pairs', {}, [{ name: 'n', type: 'int64' }]),
    entities: ['item', 'user'],
    joinKeys: [
      { name: 'item_id', type: 'string', column: 'item_id' },
      { name: 'uid', type, column: 'u' },
    ],
  };
  const catalog: Pick<Catalog, 'entities' | 'erasures'> = { entities, erasures };
  return { catalog, view };
}

test('keys stand at the places of their entity, whatever the join key was called then', () => {
  const { catalog, view } = world('int64', [erasure(['7'], 'int64')]);
  assert.deepEqual(erasedKeysOf(catalog, view), [
    { entity: 'user', places: [1], keys: [{ values: [7n], beforeMicros: 10n }] },
  ]);
});

test('a key that was erased twice counts from the later erasure', () => {
  const twice = [erasure(['7', '8'], 'int64', { beforeMicros: 30n }), erasure(['7'], 'int64', { beforeMicros: 20n })];
  const { catalog, view } = world('int64', twice);
  assert.deepEqual(
    erasedKeysOf(catalog, view)[0]?.keys.map(({ values, beforeMicros }) => [values[0], beforeMicros]),
    [
      [7n, 30n],
      [8n, 30n],
    ],
  );
});

test('a join key that has another type now is compared as that; what it cannot hold no row has', () => {
  const types: readonly (readonly [JoinKeyType, readonly unknown[]])[] = [
    ['string', ['7', 'x', 'true', '3000000000']],
    ['int64', [7n, 3_000_000_000n]],
    ['int32', [7]],
    ['bool', [true]],
  ];
  for (const [type, expected] of types) {
    const { catalog, view } = world(type, [erasure(['7', 'x', 'true', '3000000000'], 'string')]);
    assert.deepEqual(
      erasedKeysOf(catalog, view)[0]?.keys.map(({ values }) => values[0]),
      expected,
      type,
    );
  }
});

test('an entity of another number of join keys is refused: its erased rows could not be told', () => {
  const joinKeys = [
    { name: 'user_id', type: 'int64' as const },
    { name: 'tenant', type: 'string' as const },
  ];
  const { catalog, view } = world('int64', [erasure([], 'int64', { joinKeys, keys: [['7', 'a']] })]);
  assert.throws(() => erasedKeysOf(catalog, view), { code: 'INVALID_DEFINITION', message: /user_id, tenant/ });
});

test('only erasures of its entities concern a view, and only pending ones are named', () => {
  const of = (id: string, more: Partial<Erasure>) => erasure(['7'], 'int64', { id, ...more });
  const all = [of('done', {}), of('pending', { isPending: true }), of('other', { isPending: true, entity: 'shop' })];
  const { catalog, view } = world('int64', all);
  assert.deepEqual(pendingFor(catalog, [view]), { withoutErased: ['pending'] });
  assert.deepEqual(pendingFor({ erasures: [of('done', {})] }, [view]), {});
});

test('regression: join keys that stand in another order now were taken for each other', () => {
  const recorded = (keys: readonly (readonly string[])[]): Erasure =>
    erasure([], 'string', {
      joinKeys: [
        { name: 'region', type: 'string' },
        { name: 'id', type: 'int64' },
      ],
      keys,
    });
  const key = (name: string, type: JoinKeyType) => ({ name, type });
  const valuesOf = (now: readonly { readonly name: string; readonly type: JoinKeyType }[]) =>
    typedKeys(recorded([['7', '8']]), now).map(({ values }) => values);
  assert.deepEqual(valuesOf([key('id', 'int64'), key('region', 'string')]), [[8n, '7']]);
  assert.deepEqual(valuesOf([key('area', 'string'), key('id', 'int64')]), [['7', 8n]], 'one was renamed');
  assert.deepEqual(valuesOf([key('id', 'int64'), key('area', 'string')]), [[8n, '7']], 'renamed and moved');
  assert.deepEqual(valuesOf([key('a', 'string'), key('b', 'int64')]), [['7', 8n]], 'both were renamed');
  assert.deepEqual(valuesOf([key('region', 'string')]), [], 'another number of them tells none');
});
