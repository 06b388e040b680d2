// What a row view says of the row that it chooses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { rowOrders } from '../catalog/fingerprint.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

const ROW = { kind: 'row', features: [{ name: 'a', type: 'float64' }] };
const WINDOWS = { features: [{ name: 'n', aggregate: 'count', window: '1d' }] };

async function resolved(view: object): Promise<FeatureView> {
  const definitions = {
    entities: [{ name: 'user', joinKeys: [{ name: 'k', type: 'int64' }] }],
    sources: [{ name: 's', kind: 'batch', path: 'p', format: 'parquet', timestampColumn: 'ts' }],
    featureViews: [{ name: 'v', entities: ['user'], source: 's', ...view }],
  } as unknown as DefinitionsInput;
  const inspector = fakeInspector({ p: { k: 'int64', ts: 'timestamp', a: 'float64', b: 'float64', gone: 'bool' } });
  const catalog = await resolveDefinitions(definitions, { project: 'p', inspector, compiler: fakeCompiler });
  return catalog.views.get('v') as FeatureView;
}

async function refused(view: object): Promise<readonly string[]> {
  try {
    await resolved(view);
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
    return (error.details.issues as readonly Mistake[]).map(({ path, found, expected }) =>
      [path.replace('featureViews[0].', ''), found, expected].join(' | '),
    );
  }
  return [];
}

test('deletedWhen is a column or a condition', async () => {
  const view = await resolved({ ...ROW, deletedWhen: 'gone' });
  assert.ok(view.kind === 'row');
  assert.equal(view.deletedWhen?.sql, 'gone');
  assert.equal('deletedWhen' in (await resolved(ROW)), false);
  assert.deepEqual(await refused({ ...ROW, deletedWhen: 'a' }), [
    'deletedWhen | "a" of type float64 | a condition of type bool',
  ]);
});

test('views of other kinds have no deletedWhen', async () => {
  const of = 'it is of row views, whose last row can say that the key is gone';
  const mistake = (reason: string) => `deletedWhen | the unknown key "deletedWhen" | no deletedWhen: ${of}; ${reason}`;
  assert.deepEqual(await refused({ kind: 'aggregate', ...WINDOWS, deletedWhen: 'gone' }), [
    mistake('an aggregate view leaves rows out by `where`'),
  ]);
  assert.deepEqual(await refused({ kind: 'label', ...WINDOWS, deletedWhen: 'gone' }), [
    mistake('a label leaves rows out by `where`'),
  ]);
});

test('a view of no entities has no join keys, and no columns for them', async () => {
  const view = await resolved({ ...ROW, entities: [] });
  assert.deepEqual([view.entities, view.joinKeys], [[], []]);
  assert.notEqual(view.fingerprint, (await resolved(ROW)).fingerprint);
  assert.deepEqual(await refused({ ...ROW, entities: [], joinKeyColumns: { k: 'k' } }), [
    'joinKeyColumns.k | "k" | none, because the view has no entities',
  ]);
  const [found = ''] = await refused({ ...ROW, entities: undefined });
  assert.match(found, /^entities \| nothing \| a list of entity names/);
});

test('whether the chosen row deletes depends on every feature that chooses it', async () => {
  const more = { ...ROW, features: [...ROW.features, { name: 'b', type: 'float64' }] };
  const order = async (view: object) => rowOrders(await resolved(view)).get('a');
  assert.equal(await order(more), await order(ROW));
  assert.notEqual(await order({ ...more, deletedWhen: 'gone' }), await order({ ...ROW, deletedWhen: 'gone' }));
});
