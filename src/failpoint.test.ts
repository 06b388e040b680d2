import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

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

test('of several times that a failpoint is reached, one can be named', () => {
  assert.deepEqual(run({ PLUMB_FAILPOINT: 'a:2' }), { stdout: 'after a\nafter b\n', signal: null });
  assert.deepEqual(run({ PLUMB_FAILPOINT: 'a:1' }), { stdout: '', signal: 'SIGKILL' });
});

test('a process stands still at its failpoint until it is told to go on', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: { ...process.env, PLUMB_FAILPOINT_PAUSE: 'b' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [out, ended] = [text(child.stdout), once(child, 'exit')];
  try {
    while (stateOf(child.pid as number) !== 'T') await sleep(10);
    child.kill('SIGCONT');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(await out, 'after a\nafter b\n');
  } finally {
    child.kill('SIGKILL');
  }
});

/** T: stopped. Linux only, as the rest of these tests' machinery. */
const stateOf = (pid: number): string => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
