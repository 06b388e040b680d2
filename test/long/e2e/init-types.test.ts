// What an editor sees in a project that lies outside of the clone: the types of @plumb/schemas, by the tsconfig.json of
// `plumb init`. tsc stands for the editor.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type TempProject, tempProject } from '../../e2e/project.ts';

const TSC = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));

/** What tsc prints; nothing where all is well. */
const tsc = (project: TempProject): Promise<string> =>
  promisify(execFile)(TSC, ['-p', project.folder]).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr || String(error),
  );

test('tsc finds @plumb/schemas in a new project anywhere, and a mistake in a definition', async () => {
  const project = await tempProject({});
  const { out } = await project.plumb('init', '.');
  assert.match(out, /tsconfig\.json tells your editor where @plumb\/schemas is: \/.*schemas\/index\.ts/);
  assert.equal(await tsc(project), '');
  await project.write('features/wrong.ts', (await project.read('features/example.ts')).replace('name:', 'nmae:'));
  assert.match(await tsc(project), /features\/wrong\.ts\(4,\d+\): error TS\d+: .*'nmae' does not exist/);
});

test('a tsconfig.json that is there is kept, and init says what to add', async () => {
  const project = await tempProject({ 'tsconfig.json': '{}' });
  const { code, out } = await project.plumb('init', '.');
  assert.equal(code, 0, out);
  assert.match(out, /set in its compilerOptions:\n {2}"paths": \{ "@plumb\/schemas": \["\/.*schemas\/index\.ts"\] \}/);
  assert.equal(await project.read('tsconfig.json'), '{}');
  assert.equal((await project.plumb('apply')).code, 0);
});

test('where @plumb/schemas is installed, tsconfig.json names no folder of this machine', async () => {
  const project = await tempProject({ 'node_modules/@plumb/schemas/package.json': '{"name":"@plumb/schemas"}' });
  assert.equal((await project.plumb('init', '.')).code, 0);
  assert.doesNotMatch(await project.read('tsconfig.json'), /paths/);
});
