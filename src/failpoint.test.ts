import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const PROGRAM = `
import { failpoint } from ${JSON.stringify(new URL('./failpoint.ts', import.meta.url).href)};
failpoint('a'); console.log('after a'); failpoint('b'); console.log('after b');`;

const run = (env: Readonly<Record<string, string>>) => {
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { stdout, signal };
};

test('without variables nothing happens', () => {
  assert.deepEqual(run({}), { stdout: 'after a\nafter b\n', signal: null });
});

test('the named failpoint kills the process there; all that were reached are logged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumb-failpoint-'));
  const PLUMB_FAILPOINT_LOG = join(folder, 'log');
  try {
    assert.deepEqual(run({ PLUMB_FAILPOINT: 'b', PLUMB_FAILPOINT_LOG }), { stdout: 'after a\n', signal: 'SIGKILL' });
    assert.equal(readFileSync(PLUMB_FAILPOINT_LOG, 'utf8'), 'a\nb\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
