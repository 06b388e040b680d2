import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGGREGATES, type Aggregate, type DataType, SESSION_AGGREGATES } from '../../schemas/types.ts';
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
  'struct<a:int64,b:string>',
];

/** Result types over INPUTS, in order; `-`: refused. */
const VALUES = INPUTS.slice(0, -1);

const RESULTS = {
  count: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64 -',
  sum: 'int64 int64 int64 float64 float64 - - - - - -',
  mean: 'float64 float64 float64 float64 float64 - - - - - -',
  stddev_pop: '- float64 float64 float64 float64 - - - - - -',
  stddev_samp: '- float64 float64 float64 float64 - - - - - -',
  var_pop: '- float64 float64 float64 float64 - - - - - -',
  var_samp: '- float64 float64 float64 float64 - - - - - -',
  min: `${VALUES.join(' ')} -`,
  max: `${VALUES.join(' ')} -`,
  first: `${VALUES.join(' ')} -`,
  last: `${VALUES.join(' ')} -`,
  last_n: `${INPUTS.slice(0, 8)
    .map((type) => `list<${type}>`)
    .join(' ')} - - -`,
  count_distinct: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64 -',
  approx_count_distinct: 'int64 int64 int64 int64 int64 int64 int64 int64 int64 int64 -',
  approx_percentile: '- float64 float64 float64 float64 - - - - - -',
  first_row: '- - - - - - - - - - struct<a:int64,b:string>',
  last_row: '- - - - - - - - - - struct<a:int64,b:string>',
  ...Object.fromEntries(SESSION_AGGREGATES.map((name) => [name, INPUTS.map(() => '-').join(' ')])),
} as Readonly<Record<Aggregate, string>>;

for (const aggregate of AGGREGATES) {
  test(`${aggregate}: inputs and results`, () => {
    const results = INPUTS.map((type) =>
      refusedInput(aggregate, type) === null ? AGGREGATE_RULES[aggregate].result(type) : '-',
    );
    assert.equal(results.join(' '), RESULTS[aggregate]);
  });
}
