import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGGREGATES, type DataType } from '../../schemas/types.ts';
import { defaultHop } from '../definitions/resolve-aggregate-features.ts';
import { AGGREGATE_RULES, refusedInput } from './aggregate-rules.ts';

const INPUTS: readonly DataType[] = [
  'bool',
  'int32',
  'int64',
  'float32',
  'float64',
  'string',
  'timestamp',
  'bytes',
  'list<string>',
  'vector<float32,2>',
];

/** Result types over INPUTS, in order; `-`: refused. */
const RESULTS = {
  count: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64',
  sum: 'int64 int64 int64 float64 float64 - - - - -',
  mean: 'float64 float64 float64 float64 float64 - - - - -',
  stddev_pop: '- float64 float64 float64 float64 - - - - -',
  stddev_samp: '- float64 float64 float64 float64 - - - - -',
  var_pop: '- float64 float64 float64 float64 - - - - -',
  var_samp: '- float64 float64 float64 float64 - - - - -',
  min: INPUTS.join(' '),
  max: INPUTS.join(' '),
  first: INPUTS.join(' '),
  last: INPUTS.join(' '),
  last_n: `${INPUTS.slice(0, 8)
    .map((type) => `list<${type}>`)
    .join(' ')} - -`,
  count_distinct: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64',
  approx_count_distinct: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64',
  approx_percentile: '- float64 float64 float64 float64 - - - - -',
};

for (const aggregate of AGGREGATES) {
  test(`${aggregate}: inputs and results`, () => {
    const results = INPUTS.map((type) =>
      refusedInput(aggregate, type) === null ? AGGREGATE_RULES[aggregate].result(type) : '-',
    );
    assert.equal(results.join(' '), RESULTS[aggregate]);
  });
}

test('the default hop fits its window twelve times, but is at least 1s', () => {
  const SECOND = 1_000_000n;
  const cases: readonly [bigint, bigint][] = [
    [1n, 1n],
    [119n, 1n],
    [120n, 10n],
    [719n, 10n],
    [720n, 60n],
    [3_599n, 60n],
    [3_600n, 300n],
    [43_199n, 300n],
    [43_200n, 3_600n],
    [86_400n * 12n - 1n, 3_600n],
    [86_400n * 12n, 86_400n],
  ];
  for (const [window, hop] of cases) assert.equal(defaultHop(window * SECOND), hop * SECOND, `${window}s`);
});
