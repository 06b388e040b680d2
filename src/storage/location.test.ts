import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filePath, fileUri } from './location.ts';

test('every name of a file survives, whatever a URI means by its characters', () => {
  for (const name of ['a b', 'a%20b', 'a#b?c', 'ä～.csv', 'a\\b', 'a\nb\t', 'a [1] {x}*', ' a ', '100%'])
    assert.equal(filePath(fileUri(`/data/${name}`)), `/data/${name}`, name);
});

test('what is no file of this machine is refused', () => {
  for (const uri of ['s3://bucket/key.parquet', 'file://elsewhere/key.parquet', '/data/key.parquet', 'key.parquet', ''])
    assert.throws(() => filePath(uri), {
      code: 'NOT_SUPPORTED',
      message: `found ${uri}, expected a file of this machine (file:///…)`,
    });
});
