import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicError } from '../../../schemas/errors.ts';
import { engineFailure } from './engine-failure.ts';

const SQL = "SELECT * FROM read_parquet(['/srv/shop/.plumb/views/v/1/part-0.parquet'])";
const failureOf = (message: string) => engineFailure(new Error(message), SQL);

test('what the engine says of files is for the log: a client reads no folder and no query', () => {
  for (const [message, code] of [
    ["Invalid Input Error: No magic bytes found at end of file '/srv/shop/.plumb/part-0.parquet'", 'ENGINE_FAILED'],
    ['Out of Memory Error: could not allocate (file "/srv/shop/.plumb/work/spill")', 'RESOURCE_EXHAUSTED'],
    ['Invalid Input Error: Malformed JSON in file "/srv/shop/data/a.jsonl", at byte 5', 'SOURCE_MISMATCH'],
    ['Invalid Input Error: Malformed JSON in file "/srv/my shop/b.jsonl", at byte 5', 'SOURCE_MISMATCH'],
    ['IO Error: No space left on device /srv/shop', 'RESOURCE_EXHAUSTED'],
    [
      'Invalid Input Error: CSV Error on Line: 3\nOriginal Line: 1,x\n  file = /srv/my shop/data/a.csv\nPossible fixes: none',
      'SOURCE_MISMATCH',
    ],
  ] as const) {
    const failure = failureOf(message);
    assert.equal(failure.code, code, message);
    assert.doesNotMatch(JSON.stringify(publicError(failure)), /\/srv|shop|SELECT/, message);
  }
});

test('the operator reads both', () => {
  const failure = failureOf("No magic bytes found at end of file '/srv/a.parquet'");
  assert.match(failure.message, /'\/srv\/a\.parquet'/);
  assert.deepEqual(failure.privateDetails, { sql: SQL });
});
