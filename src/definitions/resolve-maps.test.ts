// Features that are maps or structs: their types, and what is refused with the reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

const COLUMNS = {
  ...{ k: 'int64', ts: 'timestamp', price: 'float64', item: 'int64', category: 'string', tags: 'list<string>' },
  ...{ ok: 'bool', Item: 'string', 'my price': 'float64', y: 'bytes' },
} as const;

async function viewOf(feature: object, kind = 'aggregate'): Promise<FeatureView> {
  const asked = kind === 'row' ? {} : { window: '7d' };
  const definitions = {
    entities: [{ name: 'user', joinKeys: [{ name: 'k', type: 'int64' }] }],
    sources: [{ name: 's', kind: 'batch', path: 'p', format: 'parquet', timestampColumn: 'ts' }],
    featureViews: [
      { name: 'v', kind, entities: ['user'], source: 's', features: [{ name: 'f', ...asked, ...feature }] },
    ],
  } as unknown as DefinitionsInput;
  const inspector = fakeInspector({ p: COLUMNS });
  const catalog = await resolveDefinitions(definitions, { project: 'p', inspector, compiler: fakeCompiler });
  return catalog.views.get('v') as FeatureView;
}

const typeOf = async (feature: object, kind?: string): Promise<unknown> =>
  (await viewOf(feature, kind)).features[0]?.type;

async function refused(feature: object, kind?: string): Promise<readonly string[]> {
  const error = await viewOf(feature, kind).then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
  return (error.details.issues as readonly Mistake[]).map(({ path, found, expected }) =>
    [path.replace('featureViews[0].features[0].', ''), found, expected].join(' | '),
  );
}

test('a map has the type of its values, its keys alone are a list, a struct has its columns in their order', async () => {
  assert.equal(await typeOf({ aggregate: 'sum', column: 'price', by: 'category', top: 20 }), 'map<string,float64>');
  assert.equal(await typeOf({ aggregate: 'count', by: 'item' }), 'map<string,int64>');
  assert.equal(await typeOf({ aggregate: 'last', column: 'ts', by: 'ok' }), 'map<string,timestamp>');
  assert.equal(await typeOf({ aggregate: 'count', by: 'ts', as: 'keys' }), 'list<string>');
  assert.equal(await typeOf({ aggregate: 'count', by: 'item' }, 'label'), 'map<string,int64>');
  const columns = ['item', 'price', 'y'];
  assert.equal(await typeOf({ aggregate: 'last_row', columns }), 'struct<item:int64,price:float64,y:bytes>');
  assert.equal(await typeOf({ aggregate: 'first_row', columns: ['ts'] }, 'label'), 'struct<ts:timestamp>');
});

test('by and its options say something new in a fingerprint, one by one', async () => {
  const count = { aggregate: 'count' } as const;
  const by = { ...count, by: 'category' };
  const features = [count, by, { ...by, by: 'item' }, { ...by, top: 1 }, { ...by, top: 2 }, { ...by, as: 'keys' }];
  const prints = await Promise.all(features.map(async (feature) => (await viewOf(feature)).fingerprint));
  assert.equal(new Set(prints).size, features.length);
});

const NO_MAP = 'an aggregate that gives one value: a map holds no lists, vectors or structs';
const ONE_ROW = 'a row view gives the values of the last row of a key';

const CASES: Readonly<Record<string, readonly [feature: object, mistake: RegExp | string, kind?: string]>> = {
  'a map of lists': [
    { aggregate: 'last_n', column: 'item', n: 3, by: 'category' },
    `by | by beside last_n, which gives a list<int64> | ${NO_MAP}`,
  ],
  'a map of structs': [
    { aggregate: 'last_row', columns: ['item'], by: 'category' },
    `by | by beside last_row, which gives a struct<item:int64> | ${NO_MAP}`,
  ],
  'keys of floats': [
    { aggregate: 'count', by: 'price' },
    'by | "price" of type float64 | a column of type string, bool, int32, int64 or timestamp, as its values are the keys of the map',
  ],
  'keys of an unknown column': [{ aggregate: 'count', by: 'kategory' }, /^by \| "kategory" \| a column of source s: /],
  'top without by': [{ aggregate: 'count', top: 3 }, 'top | 3 | no top without by: it is of the keys of a map'],
  'as without by': [{ aggregate: 'count', as: 'keys' }, 'as | "keys" | no as without by: it is of the keys of a map'],
  'as of something else': [{ aggregate: 'count', by: 'item', as: 'values' }, 'as | "values" | keys'],
  'no top': [{ aggregate: 'count', by: 'item', top: 0 }, 'top | 0 | a whole number from 1 to 1000'],
  'a top of too many': [{ aggregate: 'count', by: 'item', top: 1001 }, 'top | 1001 | a whole number from 1 to 1000'],
  'a default of a map': [
    { aggregate: 'sum', column: 'price', by: 'item', default: 0 },
    'default | 0 | no default: a map is never null, without rows it is {}',
  ],
  'by of a row view': [
    { name: 'item', type: 'int64', by: 'category' },
    `by | the unknown key "by" | no by: ${ONE_ROW}; maps are what aggregates give`,
    'row',
  ],
  'a declared map': [
    { name: 'item', type: 'map<string,int64>' },
    /^type \| "map<string,int64>" \| a type: .*; a map or struct is what an aggregate gives, by `by` or `columns`$/,
    'row',
  ],
  'a struct without columns': [
    { aggregate: 'last_row', column: 'item' },
    'column | "item" | no column: last_row takes `columns`, a list of columns',
  ],
  'columns of another aggregate': [
    { aggregate: 'last', column: 'item', columns: ['item'] },
    'columns | ["item"] | no columns: only first_row and last_row take them',
  ],
  'a list in a struct': [
    { aggregate: 'last_row', columns: ['tags'] },
    'columns[0] | "tags" of type list<string> | a column that is no list or vector: a struct holds none',
  ],
  'two fields that differ in case': [
    { aggregate: 'last_row', columns: ['item', 'Item'] },
    'columns[1] | "Item" | every column once, whatever the case of its letters',
  ],
  'a field with a space': [
    { aggregate: 'last_row', columns: ['my price'] },
    /^columns\[0\] \| "my price" \| a column whose name is letters, digits and _/,
  ],
  'a default of a struct': [
    { aggregate: 'last_row', columns: ['item'], default: 0 },
    'default | 0 | no default: a struct has none',
  ],
};

for (const [name, [feature, mistake, kind]] of Object.entries(CASES)) {
  test(`${name} is refused`, async () => {
    const [first] = await refused(feature, kind);
    if (typeof mistake === 'string') assert.equal(first, mistake);
    else assert.match(first ?? '', mistake);
  });
}
