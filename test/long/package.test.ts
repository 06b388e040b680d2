// The package `plumb`, installed into an empty folder: the command under the machine's own Node, and what programs import.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPlumb } from '../support/installed-plumb.ts';

const execute = promisify(execFile);
const plumb = await installPlumb();
after(() => plumb[Symbol.asyncDispose]());

const run = async (program: string, ...args: readonly string[]): Promise<string> =>
  (await execute(program, args, { cwd: plumb.folder, env: plumb.env })).stdout;

test('a project with definitions in TypeScript is made, applied, materialized and looked up; a job runs in a process of its own', async () => {
  await run(plumb.program, 'init', 'shop');
  const config = ['--config', 'shop/plumb.yaml'];
  assert.match(await run(plumb.program, 'apply', ...config), /Registered version 1\./);
  await run(plumb.program, 'materialize', ...config);
  const lookup = ['get', '--service', 'clicks_only', '--entity', '{"user_id": 1}', '--json', ...config];
  const answer = JSON.parse(await run(plumb.program, ...lookup)) as { readonly rows: readonly (readonly unknown[])[] };
  assert.equal(answer.rows[0]?.[0], 5);
  const verified = JSON.parse(await run(plumb.program, 'verify', '--samples', '20', '--json', ...config)) as {
    readonly compared: number;
    readonly differences: number;
  };
  assert.ok(verified.compared > 0);
  assert.equal(verified.differences, 0);
});

test('a program of its own Node looks up in its own process, and tests a feature', async () => {
  const program = `
import { openLookup } from 'plumb/lookup';
import { evaluateFeatures, readDefinitions } from 'plumb/testing';
await using online = await openLookup({ config: 'shop/plumb.yaml' });
const { rows } = await online.lookup({ service: 'clicks_only', entities: [{ user_id: 1 }] });
const computed = await evaluateFeatures({
  definitions: await readDefinitions('shop/features'),
  tables: { clicks: [{ user_id: 1, clicked_at: '2026-01-01T00:00:00Z', price: 2, item: 'lamp' }] },
  view: 'user_clicks',
  at: [{ user_id: 1, at: '2026-01-01T12:00:00Z' }],
});
console.log(JSON.stringify([Number(rows[0][0]), Number(computed[0].clicks_1d)]));
`;
  await writeFile(join(plumb.folder, 'program.js'), program);
  assert.equal((await run(join(plumb.folder, 'node_modules/.bin/node'), 'program.js')).trim(), '[5,1]');
});

test('an editor finds the types of definitions in it', async () => {
  const tsconfig = await readFile(join(plumb.folder, 'shop/tsconfig.json'), 'utf8');
  assert.match(tsconfig, /node_modules\/plumb\/schemas\/index\.d\.ts/);
  const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  await execute(tsc, ['-p', join(plumb.folder, 'shop')]);
  const wrong = join(plumb.folder, 'shop/features/wrong.ts');
  const example = await readFile(join(plumb.folder, 'shop/features/example.ts'), 'utf8');
  await writeFile(wrong, example.replace('name:', 'nmae:'));
  const refused = await execute(tsc, ['-p', join(plumb.folder, 'shop')]).catch(({ stdout }) => ({ stdout }));
  assert.match(String(refused.stdout), /'nmae' does not exist/);
});
