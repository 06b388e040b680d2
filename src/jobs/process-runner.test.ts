import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JobOutcome, JobWork } from './job.ts';
import { explainInProcess, type ProcessRunnerOptions, runInProcess } from './process-runner.ts';

const work = { kind: 'materialization' } as JobWork;
const outcome = { kind: 'materialization', runs: [] } as unknown as JobOutcome;

/** Runs a job in a process of these lines. */
const runJob = (lines: readonly string[], options: Partial<ProcessRunnerOptions> = {}): Promise<JobOutcome> =>
  withProcess(lines, options, (all) => runInProcess(all).run(work, () => {}, NEVER));

const NEVER = new AbortController().signal;

async function withProcess<T>(
  lines: readonly string[],
  options: Partial<ProcessRunnerOptions>,
  run: (options: ProcessRunnerOptions) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-runner-'));
  try {
    const program = join(folder, 'worker.mjs');
    await writeFile(program, lines.join('\n'));
    const limits = { graceMillis: 50, timeoutMillis: 60_000, silenceMillis: 60_000 };
    return await run({ program, args: [], ...limits, ...options });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const FOR_EVER = 'setInterval(() => {}, 1000);';
const STAYS = `process.on('SIGTERM', () => {});`;
const ALIVE = `setInterval(() => process.send({ type: 'alive' }), 50);`;
const ANSWERS = `process.on('message', () => process.send({ type: 'done', outcome: ${JSON.stringify(outcome)} }));`;

test('regression: a process that has answered but hangs does not keep its place', async () => {
  assert.deepEqual(await runJob([STAYS, ANSWERS, FOR_EVER]), outcome);
});

test('regression: a process whose main thread is stuck is ended, and the job says so', async () => {
  const lines = [STAYS, ALIVE, `process.on('message', () => { for (;;); });`];
  await assert.rejects(runJob(lines, { silenceMillis: 1000 }), {
    code: 'INTERRUPTED',
    message: /was stuck: it showed no sign of life for 1 s and was ended/,
  });
});

test('regression: a process that lives but does not get done is ended when its time is over', async () => {
  await assert.rejects(runJob([STAYS, ALIVE], { silenceMillis: 2000, timeoutMillis: 4000 }), {
    code: 'TOO_LARGE',
    message: /was not done after 4 s and was ended: .*server\.jobs\.timeoutMillis/,
    details: { limit: 'timeoutMillis', timeoutMillis: 4000 },
  });
});

for (const [how, line] of [
  ['was ended by SIGSEGV', `process.on('message', () => process.kill(process.pid, 'SIGSEGV'));`],
  ['was ended by SIGKILL', `process.on('message', () => process.kill(process.pid, 'SIGKILL'));`],
  ['ended with 7', `process.on('message', () => process.exit(7));`],
] as const) {
  test(`regression: memory is not blamed for a process that ${how}`, async () => {
    await assert.rejects(runJob([line]), (error: Error) => {
      assert.match(error.message, new RegExp(`^the process of the job ${how} before the job was done: ask again`));
      assert.doesNotMatch(error.message, /memory/i);
      return true;
    });
  });
}

const REQUEST = { version: 1, requested: { service: 's' }, entity: {}, atMicros: 0n, values: [] } as const;
const explain = (lines: readonly string[], options: Partial<ProcessRunnerOptions>, signal = NEVER): Promise<string> =>
  withProcess(lines, options, (all) =>
    explainInProcess(all).explain({ ...REQUEST, statuses: [], int64: 'number' }, signal),
  );
const TELLS = `process.on('message', ({ work }) => process.send({ type: 'done', outcome: work.kind + work.request.atMicros }));`;

test('an explanation is what the process tells; one that takes too long is ended in words of its own', async () => {
  assert.equal(await explain([TELLS], {}), 'explanation0');
  const late = { what: 'the explanation', advice: 'name fewer features' };
  await assert.rejects(explain([STAYS, ALIVE], { silenceMillis: 2000, timeoutMillis: 1000, late }), {
    code: 'TOO_LARGE',
    message: 'the explanation was not done after 1 s and was ended: name fewer features',
  });
});

test('an explanation that nobody waits for ends its process', async () => {
  const ends = [ALIVE, `process.on('message', ({ type }) => type === 'cancel' && process.exit(0));`];
  await assert.rejects(explain(ends, {}, AbortSignal.timeout(300)), { code: 'CANCELLED' });
  await assert.rejects(explain([STAYS, ALIVE], { graceMillis: 50 }, AbortSignal.timeout(300)), { code: 'CANCELLED' });
});
