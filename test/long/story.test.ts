// The story of the README (`<!-- story -->`), from packages: plumb from npm, the Python client as a wheel, scikit-learn from PyPI.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { blocksOf, ROOT, runSession } from '../examples/page-session.ts';
import { environmentWith } from '../python/virtual-environment.ts';
import { installPlumb } from '../support/installed-plumb.ts';

const execute = promisify(execFile);

const REQUIREMENTS = ['scikit-learn>=1.5', 'pandas>=2.1', 'pyarrow>=16', 'httpx>=0.27,<1', 'hatchling>=1.27'];

/** The programs of an environment that has the client, as a wheel, and what trains the model; null where there is no PyPI. */
async function pythonWithClient(folder: string): Promise<string | null> {
  const programs = await environmentWith(join(tmpdir(), 'plumb-story'), REQUIREMENTS);
  if (programs === null) return null;
  const pip = (...args: readonly string[]) => execute(join(programs, 'pip'), [...args]);
  await pip('wheel', '-q', '--no-deps', '--no-build-isolation', '-w', folder, join(ROOT, 'sdk/python'));
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
  await pip('install', '-q', '--no-deps', '--force-reinstall', join(folder, wheel));
  return programs;
}

test('a model from its first feature to its last user, from packages', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-story-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const python = await pythonWithClient(folder);
  assert.ok(python !== null || process.env.CI === undefined, 'CI needs python3 with venv, and PyPI');
  if (python === null) return context.skip('needs python3 with venv, and PyPI');
  await using plumb = await installPlumb();
  const before = `export PATH='${join(plumb.folder, 'node_modules/.bin')}:${python}:${plumb.env.PATH}'; cd "$(mktemp -d)"`;
  const blocks = await blocksOf('README.md', 'story');
  assert.ok(blocks.length >= 5, 'the blocks were found');
  const { code, out } = await runSession(blocks, before);
  assert.equal(code, 0, out);
  for (const said of [
    /Created trial@1: 3 rows/,
    /(\d+) of \1 values are equal[\s\S]*Registered version 1\./,
    /this server runs the schedules/,
    /predicted: \[\d+(\.\d+)?\]/,
    /\| `user_clicks:spend_7d` \| `clicks_only`, `example`, `spend` \| 3 of 3 \|/,
    /spend@1 is bound[\s\S]*Registered version 2\./,
    /user_clicks__spend_7d +[\d.]+ +PRESENT[\s\S]*, spend@1\n/,
    /Erasure [\s\S]*training set +spend@1[\s\S]*Held by sources, which are yours[\s\S]*clicks +24 +/,
    /Backup 1 of \S+ is whole/,
    /\{"user_id":1\}\nfeature[^{]*user_clicks__spend_7d +[\d.]+ +PRESENT[^{]*\{"user_id":2\}\nfeature[^{]*user_clicks__spend_7d +0 +NOT_FOUND/,
  ])
    assert.match(out, said);
});
