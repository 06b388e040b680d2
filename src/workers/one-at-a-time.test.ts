import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { oneAtATime } from './one-at-a-time.ts';

test('those who ask while a run is under way share the next one, which begins when that one has ended', async () => {
  const runs: PromiseWithResolvers<string>[] = [];
  const ask = oneAtATime(() => {
    const run = Promise.withResolvers<string>();
    runs.push(run);
    return run.promise;
  });
  const first = ask();
  await turn();
  const later = [ask(), ask(), ask()];
  await turn();
  assert.equal(runs.length, 1);
  runs[0]?.resolve('first');
  assert.equal(await first, 'first');
  await turn();
  assert.equal(runs.length, 2);
  runs[1]?.resolve('second');
  assert.deepEqual(await Promise.all(later), ['second', 'second', 'second']);
});

test('a run that fails is the failure of those who waited for it only', async () => {
  let runs = 0;
  const ask = oneAtATime(async () => {
    runs += 1;
    if (runs === 1) throw new Error('first');
    return runs;
  });
  const first = ask();
  await Promise.resolve();
  const second = ask();
  await assert.rejects(first, /first/);
  assert.equal(await second, 2);
});
