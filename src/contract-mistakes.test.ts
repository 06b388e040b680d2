// Which branch of a union is told of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datasetRequestSchema } from '../schemas/wire/datasets.ts';
import { formatPath, parseContract } from './contract-mistakes.ts';

const INSTANT = 'an RFC 3339 instant such as 2026-01-08T00:00:00Z';
const KEYS = 'columns, path, keysOf, at, from, to or every';

for (const [labels, ...expected] of [
  [{ keysOf: 'v' }, ['labels', 'also at, or from, to and every']],
  [
    { keysOf: 'v', from: '2026-01-01' },
    ['labels.to', INSTANT],
    ['labels.every', 'a duration such as 1d: a number and s, m, h or d'],
  ],
  [{ keysOf: 'v', att: '2026-01-01' }, ['labels.at', INSTANT], ['labels.att', KEYS]],
  [{ keysOf: 'v', at: '2026-01-01', every: '1d' }, ['labels.every', KEYS]],
  [{ path: 1 }, ['labels.path', 'the path of a labels file']],
  [{}, ['labels.columns', 'an object from column to its list of values']],
] as const) {
  test(`labels ${JSON.stringify(labels)}: what they lack is that of the branch that knows most of their keys`, () => {
    const parsed = parseContract(datasetRequestSchema, { service: 's', labels });
    const mistakes = parsed.ok ? [] : parsed.mistakes;
    assert.deepEqual(
      mistakes.map(({ path, expected: told }) => [formatPath(path), told]),
      expected,
    );
  });
}
