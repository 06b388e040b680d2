import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JobOutcome, JobWork } from './job.ts';
import { runInProcess } from './process-runner.ts';

const work = { kind: 'materialization' } as JobWork;
const outcome = { kind: 'materialization', runs: [] } as unknown as JobOutcome;

test('regression: a process that has answered but hangs does not keep its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-runner-'));
  try {
    const program = join(folder, 'worker.mjs');
    const lines = [
      `process.on('SIGTERM', () => {});`,
      `process.on('message', () => process.send({ type: 'done', outcome: ${JSON.stringify(outcome)} }));`,
      `setInterval(() => {}, 1000);`,
    ];
    await writeFile(program, lines.join('\n'));
    const runner = runInProcess({ program, args: [], graceMillis: 50 });
    assert.deepEqual(await runner.run(work, () => {}, new AbortController().signal), outcome);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
