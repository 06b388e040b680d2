import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadDefinitions } from './load.ts';
import { Mistakes } from './mistakes.ts';

/** Writes the files below a fresh project folder, loads its `features`, and answers what was found. */
async function load(files: Readonly<Record<string, string>>, prepare: (folder: string) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-load-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    prepare(folder);
    const mistakes = new Mistakes();
    const definitions = await loadDefinitions(join(folder, 'features'), folder, mistakes);
    return {
      definitions,
      mistakes: mistakes.all.map(({ file, line, column, path, found, expected }) => ({
        at: `${file}:${line}:${column} ${path}`,
        found,
        expected,
      })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const names = (definitions: Awaited<ReturnType<typeof load>>['definitions']) =>
  definitions.map(({ list, value, place }) =>
    [list, Reflect.get(Object(value), 'name'), place.file, place.path.join('.')].join(' '),
  );

test('files are read recursively and in order; tests, types, dot folders and node_modules are not', async () => {
  const entity = (name: string) => `entities: [{ name: ${name}, joinKeys: [{ name: k, type: bool }] }]`;
  const { definitions, mistakes } = await load({
    'features/b.yml': entity('b'),
    'features/a/z.yaml': entity('z'),
    'features/c.json': '{"entities": [{"name": "c"}], "sources": null}',
    'features/empty.yaml': '# nothing yet\n',
    'features/.hidden/x.yaml': 'a: b',
    'features/node_modules/x.yaml': 'a: b',
    'features/a.test.ts': 'throw new Error()',
    'features/a.d.ts': 'throw new Error()',
    'features/notes.md': '- : not yaml',
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(names(definitions), [
    'entities z features/a/z.yaml entities.0',
    'entities b features/b.yml entities.0',
    'entities c features/c.json entities.0',
  ]);
});

test('a column called __proto__ is refused by name, in YAML and JSON', async () => {
  const { mistakes } = await load({
    'features/a.yaml': 'sources:\n  - name: a\n    columns: { __proto__: int64, x: int64 }\n',
    'features/b.json': '{"featureViews": [{"name": "b", "joinKeyColumns": {"__proto__": "x"}}]}',
  });
  assert.deepEqual(
    mistakes.map(({ at, found }) => [at, found]),
    [
      ['features/a.yaml:3:16 sources[0].columns.__proto__', 'the name __proto__'],
      ['features/b.json:1:52 featureViews[0].joinKeyColumns.__proto__', 'the name __proto__'],
    ],
  );
});

test('every digit of an integer is kept', async () => {
  const big = '{"featureViews": [{"a": 9223372036854775807, "b": 5, "c": 0.5, "d": [1e3]}]}';
  const { definitions } = await load({ 'features/a.json': big, 'features/b.yaml': big });
  for (const { value } of definitions) assert.deepEqual(value, { a: 9223372036854775807n, b: 5, c: 0.5, d: [1000] });
});

test('places know the line and column of a key, in YAML and in JSON, through anchors too', async () => {
  const { definitions } = await load({
    'features/a.json': '{\n\t"entities": [\n\t\t{"name": "a",\n\t\t "owner": 1}]}',
    'features/b.yaml': 'sources:\n  - &s\n    name: s\n    path: x\nentities:\n  - *s\n',
  });
  const at = (i: number, key: string) => {
    const { place } = definitions[i] ?? assert.fail();
    const position = place.locate([...place.path, key]);
    return `${position?.line}:${position?.column}`;
  };
  assert.deepEqual([at(0, 'owner'), at(0, 'absent')], ['4:4', '3:3']);
  assert.deepEqual([at(2, 'path'), at(2, 'absent')], ['4:5', '3:5']);
  assert.deepEqual([at(1, 'path'), at(1, 'absent')], ['4:5', '6:5']);
});

test('malformed files are told with line and column', async () => {
  const { definitions, mistakes } = await load({
    'features/a.yaml': 'entities:\n  - name: x\n name: y\n',
    'features/b.json': '{"entities": [\n  {"name": "x",}]}',
    'features/c.json': '{"entities": [], \n "entities": []}',
    'features/d.yaml': 'sources: []\nsources: []\n',
    'features/e.json': '{"entities": [',
    'features/f.yaml': '- a\n',
    'features/g.yaml': 'entitys: []\nsources: { a: 1 }\n',
    'features/h.json': '{entities: []}',
    'features/i.yaml': 'a: &x [b]\nentities: *y\n',
  });
  assert.deepEqual(definitions, []);
  assert.deepEqual(mistakes, [
    {
      at: 'features/a.yaml:3:1 ',
      found: 'All mapping items must start at the same column',
      expected: 'well-formed YAML',
    },
    { at: 'features/b.json:2:16 ', found: 'Expected double-quoted property name', expected: 'well-formed JSON' },
    { at: 'features/c.json:2:2 ', found: 'Map keys must be unique', expected: 'every key once' },
    { at: 'features/d.yaml:2:1 ', found: 'Map keys must be unique', expected: 'every key once' },
    { at: 'features/e.json:1:15 ', found: 'Unexpected end of JSON input', expected: 'well-formed JSON' },
    {
      at: 'features/f.yaml:1:1 ',
      found: '["a"]',
      expected: 'an object with entities, sources, featureViews or featureServices',
    },
    {
      at: 'features/g.yaml:1:1 entitys',
      found: 'the unknown key "entitys"',
      expected: 'entities, sources, featureViews or featureServices',
    },
    { at: 'features/g.yaml:2:1 sources', found: '{"a":1}', expected: 'a list' },
    { at: 'features/h.json:1:2 ', found: "Expected property name or '}'", expected: 'well-formed JSON' },
    {
      at: 'features/i.yaml:2:11 ',
      found: 'the alias *y without an anchor &y before it',
      expected: 'well-formed YAML',
    },
  ]);
});

test('TypeScript outside this repository: builders, any form of export, each object once', async () => {
  const { definitions, mistakes } = await load({
    'package.json': '{ "type": "commonjs" }',
    'features/user.ts': `
      import { defineEntity, type EntityInput } from '@plumb/schemas';
      export const WEEK: string = '7d';
      export const labels = { team: 'x' };
      export function window(): string { return WEEK; }
      export const user = defineEntity({ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] });
      export const plain: EntityInput = { name: 'plain', joinKeys: [{ name: 'p', type: 'bool' }] };`,
    'features/views.mts': `
      import { defineFeatureView, defineSource } from '@plumb/schemas';
      import { user, WEEK } from './user.ts';
      const source = defineSource({ name: 's', kind: 'batch', path: 'x', format: 'parquet', timestampColumn: 'ts' });
      export default [source, defineFeatureView({ name: 'v', kind: 'aggregate', entities: [user.name], source: source.name,
        features: [{ name: 'n', aggregate: 'count', window: WEEK }] })];`,
    'features/whole.js': `export default { entities: [{ name: 'w', joinKeys: [] }], featureServices: [{ name: 'f', features: [] }] };`,
    'features/z-index.ts': `export * from './user.ts'; export { user as again } from './user.ts';`,
  });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(names(definitions), [
    'entities plain features/user.ts plain',
    'entities user features/user.ts user',
    'sources s features/views.mts default.0',
    'featureViews v features/views.mts default.1',
    'entities w features/whole.js default.entities.0',
    'featureServices f features/whole.js default.featureServices.0',
  ]);
});

test('modules that do not load, or export what is no definition', async () => {
  const { mistakes } = await load({
    'features/a.ts': `throw new TypeError('broken');`,
    'features/b.ts': 'export default 5;',
    'features/c.ts': `export const odd = { name: 'odd' };`,
    'features/d.ts': 'export const x = ;',
    'features/e.ts': `import { nothing } from './missing.ts';`,
  });
  assert.deepEqual(
    mistakes.map(({ at, found }) => `${at}: ${found.split('\n')[0]}`.slice(0, 78)),
    [
      'features/a.ts:1:7 : the module failed to load: TypeError: broken',
      'features/b.ts:null:null default: a number',
      'features/c.ts:null:null odd: an object that is no definition',
      'features/d.ts:1:1 : the module failed to load: SyntaxError: Expression expecte',
      'features/e.ts:null:null : the module failed to load: Error: Cannot find module',
    ],
  );
});

test('links: inside the folder they are left to their target, out of it they are a mistake', async () => {
  const { definitions, mistakes } = await load(
    { 'features/a.yaml': 'entities: [{ name: a }]', 'outside/b.yaml': 'entities: [{ name: b }]' },
    (folder) => {
      symlinkSync(join(folder, 'features/a.yaml'), join(folder, 'features/again.yaml'));
      symlinkSync(join(folder, 'outside'), join(folder, 'features/out'));
      symlinkSync(join(folder, 'outside/b.yaml'), join(folder, 'features/out.yaml'));
      symlinkSync(join(folder, 'nowhere'), join(folder, 'features/gone.yaml'));
    },
  );
  assert.equal(definitions.length, 1);
  const expected = 'files and folders inside the definitions folder';
  assert.deepEqual(mistakes, [
    { at: 'features/gone.yaml:null:null ', found: 'a link that leads nowhere', expected },
    { at: 'features/out:null:null ', found: 'a link that leads out of the definitions folder', expected },
    { at: 'features/out.yaml:null:null ', found: 'a link that leads out of the definitions folder', expected },
  ]);
});

test('a folder that is missing or empty is a mistake', async () => {
  const missing = await load({});
  assert.deepEqual(missing.mistakes, [
    { at: 'features:null:null ', found: 'nothing at this path', expected: 'a folder of definition files, or one file' },
  ]);
  const empty = await load({ 'features/readme.md': '' });
  assert.deepEqual(empty.mistakes, [
    {
      at: 'features:null:null ',
      found: 'no definition files',
      expected: 'files ending in .yaml .yml .json .ts .mts .js .mjs',
    },
  ]);
});
