// Project files and definitions with mistakes: all are told at once, and nothing is registered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { DEFINITIONS, SHOP } from './shop.ts';

test('a project file that is missing, malformed or has unknown keys', async () => {
  const project = await tempProject({});
  await assertRefused(project, ['apply'], 'INVALID_CONFIG', /no project file at .*plumb\.yaml: run `plumb init`/);
  await project.write('plumb.yaml', 'project: shop\nserver: { port: 1\n');
  await assertRefused(project, ['apply'], 'INVALID_CONFIG', /plumb\.yaml[\s\S]*line \d+/);
  await project.write('plumb.yaml', 'project: shop\nstorge: x\nserver: { port: 99999 }\n');
  await assertRefused(
    project,
    ['serve'],
    'INVALID_CONFIG',
    /storge[\s\S]*nearest: storage[\s\S]*|server\.port[\s\S]*99999/,
  );
});

test('kinds that are not built yet are refused by name', async () => {
  const project = await tempProject(SHOP);
  await project.write('plumb.yaml', 'project: shop\nengine: { kind: spark }\n');
  await assertRefused(project, ['apply'], 'NOT_SUPPORTED', /spark/);
});

test('a project that was never applied says what to do', async () => {
  const project = await tempProject(SHOP);
  const commands = [
    ['list'],
    ['describe', 'profile'],
    ['materialize'],
    ['get', '--service', 'ranking', '--entity', '{"user_id":1}'],
    ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv'],
  ];
  for (const argv of commands) await assertRefused(project, argv, 'NOT_APPLIED', /plumb apply/);
});

test('malformed YAML is told with file and line, beside the mistakes of other files', async () => {
  const project = await tempProject(SHOP);
  await project.write('features/broken.yaml', 'entities:\n  - name: [a\n');
  await project.write(
    'features/wrong.yaml',
    'entities:\n  - name: shop\n    joinKeys: [{ name: shop_id, type: int65 }]\n    colour: red\n',
  );
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /features\/broken\.yaml:\d+:\d+/);
  const { err } = await project.plumb('apply');
  assert.match(err, /features\/wrong\.yaml:3:\d+ [\s\S]*int65[\s\S]*int64/);
  assert.match(err, /colour/);
  assert.deepEqual(
    (await project.stored()).filter((file) => file.includes('registry')),
    [],
  );
});

const MISTAKES: readonly (readonly [string, string, string, RegExp])[] = [
  ['an unknown source', 'source: clicks\n', 'source: clcks\n', /clcks[\s\S]*nearest: clicks/],
  ['an unknown column', 'column: price', 'column: prise', /prise[\s\S]*nearest: price/],
  ['an unknown feature in a service', '[profile:*, spending:*]', '[profile:contry]', /contry[\s\S]*nearest: country/],
  ['an unknown type', 'points, type: int64', 'points, type: int128', /int128/],
  ['an output name twice', '[profile:*, spending:*]', '[profile:*, profile:country]', /profile__country/],
  [
    'an expression that calls a function off the list',
    'type: string }',
    'type: string, expression: "read_text(country)" }',
    /read_text/,
  ],
  [
    'an expression that is no SQL',
    'type: string }',
    'type: string, expression: "country +" }',
    /features\[0\]\.expression/,
  ],
  [
    'an expression that leaves its place',
    'type: string }',
    'type: string, expression: "country) FROM read_csv(\'/etc/passwd\') --" }',
    /features\[0\]\.expression/,
  ],
  ['a source kind that is not built yet', 'kind: batch', 'kind: stream', /stream/],
];
for (const [name, from, to, message] of MISTAKES) {
  test(`refused: ${name}`, async () => {
    assert.ok(DEFINITIONS.includes(from));
    const project = await tempProject({ ...SHOP, 'features/shop.yaml': DEFINITIONS.replace(from, to) });
    await assertRefused(project, ['apply'], 'INVALID_DEFINITION', message);
  });
}

test('an unknown name is told with the nearest', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await assertRefused(project, ['describe', 'profil'], 'UNKNOWN_NAME', /profile/);
  await assertRefused(project, ['materialize', 'profil'], 'UNKNOWN_NAME', /profile/);
  await assertRefused(project, ['get', '--service', 'rankin', '--entity', '{}'], 'UNKNOWN_NAME', /ranking/);
  await assertRefused(
    project,
    ['dataset', 'create', '--service', 'rankin', '--labels', 'labels.csv'],
    'UNKNOWN_NAME',
    /ranking/,
  );
  await assertRefused(project, ['dataset', 'show', 'nothing'], 'UNKNOWN_NAME', /nothing/);
});
