import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptTrace } from './kept-trace.ts';
import { type RecordedTrace, RunTrace, recordedTraceContract } from './run-trace.ts';

test('phases in the order in which they began, with their rows; one that goes on has no duration', async () => {
  const trace = new RunTrace();
  let during: RecordedTrace | null = null;
  await trace.phase('plan', async () => {});
  await trace.phase('load', async (span) => {
    span.set({ rows: 5 });
    during = trace.recorded;
    span.set({ rows: 12 });
  });
  const shown = ({ phases }: RecordedTrace) =>
    phases.map(({ name, seconds, rows }) => [name, seconds === null ? 'goes on' : 'done', rows]);
  assert.deepEqual(shown(during as unknown as RecordedTrace), [
    ['plan', 'done', null],
    ['load', 'goes on', 5],
  ]);
  assert.deepEqual(shown(trace.recorded), [
    ['plan', 'done', null],
    ['load', 'done', 12],
  ]);
  assert.deepEqual(recordedTraceContract.parse(JSON.parse(JSON.stringify(trace.recorded))), trace.recorded);
});

test('a phase that fails is over, with the rows that it got to', async () => {
  const trace = new RunTrace();
  const failing = trace.phase('load', async (span) => {
    span.set({ rows: 1 });
    throw new Error('no');
  });
  await assert.rejects(failing, /^Error: no$/);
  const [phase] = trace.recorded.phases;
  assert.equal(phase?.rows, 1);
  assert.notEqual(phase?.seconds, null);
});

test('the log keeps the first and the last lines, says how many lie between, and cuts what is long', () => {
  const trace = new RunTrace();
  for (let i = 0; i < 200; i++) trace.log(`line ${i}`);
  assert.equal(trace.recorded.log.length, 200);
  for (let i = 200; i < 250; i++) trace.log(`line ${i}`);
  const messages = trace.recorded.log.map(({ message }) => message);
  assert.deepEqual(
    [messages.length, messages[99], messages[100], messages[101], messages.at(-1)],
    [201, 'line 99', '50 lines left out here', 'line 150', 'line 249'],
  );
  trace.log('x'.repeat(5000), 'warn');
  assert.deepEqual([trace.recorded.log.at(-1)?.level, trace.recorded.log.at(-1)?.message.length], ['warn', 2001]);
});

test('a trace is written at once, while it grows, and for the last time when it is closed; a failed write is made good', async () => {
  const trace = new RunTrace();
  const written: number[] = [];
  let isAway = true;
  const kept = new KeptTrace(
    trace,
    async ({ log }) => {
      written.push(log.length);
      if (isAway) throw new Error('the storage is away');
    },
    1,
  );
  const untilWritten = async (times: number): Promise<void> => {
    while (written.length < times) await sleep(1);
  };
  await untilWritten(1);
  trace.log('one');
  await untilWritten(2);
  isAway = false;
  trace.log('two');
  await kept.close();
  assert.deepEqual(written, [0, 1, 2]);
  trace.log('nobody writes this');
  await sleep(5);
  assert.deepEqual(written, [0, 1, 2]);
});
