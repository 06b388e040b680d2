import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText } from './answer-json.ts';
import type { LookupAnswer } from './lookup.ts';

const answer: LookupAnswer = {
  service: 'ranking',
  version: 3,
  features: ['a', 'b', 'c'],
  types: ['int64', 'float64', 'timestamp'],
  rows: [
    [2n ** 63n - 1n, 0.5, 0n],
    [null, null, null],
  ],
  statuses: null,
  eventTimes: null,
  asOf: null,
  atMicros: 1_000_000n,
};

test('writes what was asked for, and nothing else', () => {
  assert.equal(
    answerText(answer),
    '{"service":"ranking","version":3,"features":["a","b","c"],' +
      '"rows":[[9223372036854775807,0.5,"1970-01-01T00:00:00Z"],[null,null,null]],"at":"1970-01-01T00:00:01Z"}',
  );
});

test('statuses, event times and as-of instants; int64 as text', () => {
  const full: LookupAnswer = {
    ...answer,
    service: null,
    types: ['int64'],
    features: ['a'],
    rows: [[1n]],
    statuses: [['PRESENT']],
    eventTimes: [[null]],
    asOf: { v: 0n },
  };
  assert.deepEqual(JSON.parse(answerText(full, 'string')), {
    service: null,
    version: 3,
    features: ['a'],
    rows: [['1']],
    statuses: [['PRESENT']],
    eventTimes: [[null]],
    asOf: { v: '1970-01-01T00:00:00Z' },
    at: '1970-01-01T00:00:01Z',
  });
});
