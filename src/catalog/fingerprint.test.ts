import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput, FeatureViewInput, SourceInput } from '../../schemas/builders.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import { resolveDefinitions } from '../definitions/resolve.ts';
import type { FeatureView } from './catalog.ts';

const COLUMNS = { k: 'int64', ts: 'timestamp', made: 'timestamp', a: 'int32', b: 'float64' };

interface World {
  readonly view?: Partial<FeatureViewInput>;
  readonly source?: Partial<SourceInput>;
  readonly columns?: Readonly<Record<string, string>>;
  readonly entity?: { readonly name?: string; readonly type?: 'int64' | 'string'; readonly owner?: string };
}

const fingerprint = async (kind: 'row' | 'aggregate' | 'label', world: World = {}): Promise<string> =>
  (await resolvedView(kind, world)).fingerprint;

/** Of its first feature. */
const meaning = async (kind: 'row' | 'aggregate' | 'label', world: World = {}): Promise<string> =>
  (await resolvedView(kind, world)).features[0]?.meaning ?? assert.fail();

async function resolvedView(kind: 'row' | 'aggregate' | 'label', world: World): Promise<FeatureView> {
  const { view, source, columns, entity } = world;
  const features =
    kind === 'row' ? [{ name: 'a', type: 'int64' }] : [{ name: 'n', aggregate: 'sum', column: 'a', window: '1d' }];
  const name = entity?.name ?? 'e';
  const definitions = {
    entities: [{ name, joinKeys: [{ name: 'k', type: 'int64' }], owner: entity?.owner }],
    sources: [{ name: 's', kind: 'batch', path: 'p', format: 'parquet', timestampColumn: 'ts', ...source }],
    featureViews: [{ name: 'v', kind, entities: [name], source: source?.name ?? 's', features, ...view }],
  } as unknown as DefinitionsInput;
  const files = { p: { ...COLUMNS, ...columns }, q: COLUMNS };
  const ports = { project: 'p', inspector: fakeInspector(files), compiler: fakeCompiler };
  return (await resolveDefinitions(definitions, ports)).views.get('v') ?? assert.fail();
}

const row = { name: 'a', type: 'int64' } as const;
const count = { name: 'n', aggregate: 'sum', column: 'a', window: '1d' } as const;

const SESSIONS = { name: 'n', aggregate: 'session_count', gap: '1m', window: '1d' } as const;

const SAME: Readonly<Record<string, World>> = {
  'description, owner and tags': { view: { description: 'd', owner: 'o', tags: { a: 'b' } } },
  lateness: { view: { lateness: '1h' } as World['view'] & object },
  'description of a feature': { view: { features: [{ ...row, description: 'd' }] } as World['view'] & object },
  'owner of the entity': { entity: { owner: 'x' } },
  'description and name of the source': { source: { description: 'd', name: 't' } },
  'a column that is not read': { columns: { z: 'string', b: 'string' } },
  'the same expression written otherwise': {
    view: { features: [{ ...row, expression: ' a' }] } as World['view'] & object,
  },
  'a default that is written out': {
    view: { visibleFrom: 'event_time', strictlyBefore: false } as World['view'] & object,
  },
};

const CHANGED_ROW: Readonly<Record<string, World>> = {
  ttl: { view: { ttl: '1d' } as World['view'] & object },
  deletedWhen: { view: { deletedWhen: 'a > 1' } as World['view'] & object },
  'another deletedWhen': { view: { deletedWhen: 'a > 2' } as World['view'] & object },
  strictlyBefore: { view: { strictlyBefore: true } as World['view'] & object },
  refresh: { view: { refresh: { every: '1h' } } },
  where: { view: { where: 'a > 1' } },
  'where literal': { view: { where: 'a > 2' } },
  'feature name': { view: { features: [{ ...row, name: 'x', column: 'a' }] } as World['view'] & object },
  'feature type': { view: { features: [{ ...row, type: 'float64' }] } as World['view'] & object },
  'feature default': { view: { features: [{ ...row, default: 0 }] } as World['view'] & object },
  'feature column': { view: { features: [{ ...row, column: 'k' }] } as World['view'] & object },
  'entity name': { entity: { name: 'f' } },
  'source path': { source: { path: 'q' } },
  'created column': { source: { createdTimestampColumn: 'made' } },
  visibleFrom: { source: { createdTimestampColumn: 'made' }, view: { visibleFrom: 'created_time' } },
  'type of a column that is read': { columns: { a: 'int64' } },
};

const CHANGED_AGGREGATE: Readonly<Record<string, World>> = {
  window: { view: { features: [{ ...count, window: '2d' }] } as World['view'] & object },
  unbounded: { view: { features: [{ ...count, window: 'unbounded' }] } as World['view'] & object },
  gap: { view: { features: [SESSIONS] } as World['view'] & object },
  'another gap': { view: { features: [{ ...SESSIONS, gap: '2m' }] } as World['view'] & object },
  offset: { view: { features: [{ ...count, offset: '1d' }] } as World['view'] & object },
  'where of a feature': { view: { features: [{ ...count, where: 'a > 1' }] } as World['view'] & object },
  'another where of a feature': { view: { features: [{ ...count, where: 'a > 2' }] } as World['view'] & object },
  hop: { view: { features: [{ ...count, hop: '2h' }] } as World['view'] & object },
  aggregate: { view: { features: [{ ...count, aggregate: 'mean' }] } as World['view'] & object },
  n: { view: { features: [{ ...count, aggregate: 'last_n', n: 3 }] } as World['view'] & object },
  delay: { view: { refresh: { every: '1h', delay: '1m' } } },
};

test('what cannot change values keeps the fingerprint', async () => {
  const base = await fingerprint('row');
  assert.match(base, /^[0-9a-f]{64}$/);
  for (const [what, world] of Object.entries(SAME)) assert.equal(await fingerprint('row', world), base, what);
});

test('what can change values changes it, each to another', async () => {
  for (const [kind, worlds] of [
    ['row', CHANGED_ROW],
    ['aggregate', CHANGED_AGGREGATE],
  ] as const) {
    const seen = new Map([[await fingerprint(kind), 'unchanged']]);
    for (const [what, world] of Object.entries(worlds)) {
      const print = await fingerprint(kind, world);
      assert.equal(seen.get(print), undefined, `${what} has the fingerprint of ${seen.get(print)}`);
      seen.set(print, what);
    }
  }
});

test('golden: a fingerprint never changes by itself, or every view would be rebuilt', async () => {
  assert.equal(await fingerprint('row'), 'f6b27c4619175d3e87886718851e0a061a5a5c73c99b524a2a0ce9111c496cd3');
  assert.equal(await fingerprint('aggregate'), '7b36c33af93b71e9dae18f9ad82f9e903ef660c58c6c150955b0ef210104fc8c');
  assert.equal(await fingerprint('label'), 'b7576e41347d75c0037f54461a1a67fd0a3b0c986d7bc047efcf03156e07dd8e');
});

test('the meaning of a feature changes with all that changes the fingerprint of its view', async () => {
  for (const [kind, worlds] of [
    ['row', CHANGED_ROW],
    ['aggregate', CHANGED_AGGREGATE],
  ] as const) {
    const seen = new Map([[await meaning(kind), 'unchanged']]);
    for (const [what, world] of Object.entries(worlds)) {
      const print = await meaning(kind, world);
      assert.equal(seen.get(print), undefined, `${what} has the meaning of ${seen.get(print)}`);
      seen.set(print, what);
    }
  }
  for (const [what, world] of Object.entries(SAME))
    assert.equal(await meaning('row', world), await meaning('row'), what);
});

test('the other features of its view do not change the meaning of a feature', async () => {
  const another = { ...count, name: 'another', aggregate: 'max', window: '30d' } as const;
  const view = { features: [count, another] } as World['view'] & object;
  assert.equal(await meaning('aggregate', { view }), await meaning('aggregate'));
  assert.notEqual(await fingerprint('aggregate', { view }), await fingerprint('aggregate'));
});

test('golden: a meaning never changes by itself, or no model would be served any more', async () => {
  assert.equal(await meaning('row'), '4b5576545b13a98b');
  assert.equal(await meaning('aggregate'), 'baf598abc95cf442');
});
