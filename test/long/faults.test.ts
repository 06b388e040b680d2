// A few fault histories: seeds that are always the same, and random ones. `npm run test:faults` plays hundreds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, runMany } from '../faults/run-many.ts';

const RANDOM = Number(process.env.PLUMB_SEED ?? Math.floor(Math.random() * 2 ** 30));

for (const [what, first, storage] of [
  ['fixed', 1, 'file'],
  ['random', RANDOM, null],
] as const) {
  test(`histories with ${what} seeds from ${first} on have no violation`, async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const options = { first, histories: 5, minutes: 1, online: null, storage, say } as const;
    const { tally, failures } = await runMany(options);
    assert.deepEqual(failures.map(describe), []);
    assert.ok(tally.histories >= 2);
  });
}
