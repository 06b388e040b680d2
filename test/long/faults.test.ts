// A few fault histories, of seeds that are always the same unless PLUMB_SEED names others. `npm run test:faults` plays hundreds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, runMany } from '../faults/run-many.ts';

const CHOSEN = Number(process.env.PLUMB_SEED ?? 1000);

for (const [what, first, storage] of [
  ['files', 1, 'file'],
  ['any storage', CHOSEN, null],
] as const) {
  test(`histories on ${what}, seeds from ${first} on, have no violation`, async (t) => {
    const say = (line: string): void => t.diagnostic(line);
    const options = { first, histories: 5, minutes: 1, online: null, storage, say } as const;
    const { tally, failures } = await runMany(options);
    assert.deepEqual(failures.map(describe), []);
    assert.ok(tally.histories >= 2);
  });
}
