// A fixed small share of `npm run test:fuzz`: the same worlds each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz, TRIALS } from '../fuzz/fuzz.ts';

const WORLDS = 60;

for (const name of Object.keys(TRIALS)) {
  test(`${WORLDS} random worlds of ${name} are read rightly or refused clearly`, async () => {
    const options = { seconds: Number.POSITIVE_INFINITY, worlds: WORLDS, seed: 1, names: [name] };
    const { tried, findings } = await fuzz(options, () => {});
    assert.equal(tried, WORLDS);
    assert.deepEqual(findings, []);
  });
}
