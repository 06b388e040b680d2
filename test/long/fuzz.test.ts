// A fixed small share of `npm run test:fuzz`: the same worlds each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz, TRIALS } from '../fuzz/fuzz.ts';
import { PyarrowWriter } from '../fuzz/pyarrow-writer.ts';

const WORLDS = 60;

for (const name of Object.keys(TRIALS)) {
  test(`${WORLDS} random worlds of ${name} are read rightly or refused clearly`, async (context) => {
    if (name === 'pyarrow' && process.env.CI === undefined && !(await PyarrowWriter.isThere()))
      return context.skip('needs python3 with venv, and PyPI');
    const options = { seconds: Number.POSITIVE_INFINITY, worlds: WORLDS, seed: 1, names: [name] };
    const { tried, findings } = await fuzz(options, () => {});
    assert.equal(tried, WORLDS);
    assert.deepEqual(findings, []);
  });
}
