// Commands that only show what is registered start without the engine: it would take a third of their processor time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempProject } from './project.ts';
import { SHOP } from './shop.ts';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));
/** At its end the process lists the native libraries that it has loaded. */
const TELL =
  "data:text/javascript,process.on('exit', () => console.error(JSON.stringify(process.report.getReport().sharedObjects)))";

const project = await tempProject(SHOP);

function loadsDuckdb(...command: readonly string[]): boolean {
  const args = ['--import', TELL, PLUMB, ...command];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const libraries = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as readonly string[];
  return libraries.some((library) => /duckdb/.test(library));
}

test('showing what is registered loads no engine; applying and computing do', () => {
  assert.equal(loadsDuckdb('apply'), true);
  assert.equal(loadsDuckdb('dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv'), true);
  for (const command of [['list'], ['describe', 'ranking']]) assert.equal(loadsDuckdb(...command), false, command[0]);
});
