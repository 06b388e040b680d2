import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJson } from '../../lossless-json.ts';
import { type LabelColumns, writeInlineLabels } from './inline-labels.ts';

async function written(columns: string, mostBytes = Infinity): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-inline-'));
  try {
    await writeInlineLabels(
      parseJson(columns, 'columns') as unknown as LabelColumns,
      join(folder, 'labels.jsonl'),
      mostBytes,
    );
    return await readFile(join(folder, 'labels.jsonl'), 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('integers keep their digits, also within lists', async () => {
  assert.equal(
    await written('{"k":[9007199254740993],"x":[[9007199254740993,1.5]]}'),
    '{"k":9007199254740993,"x":[9007199254740993,1.5]}\n',
  );
});

test('regression: a double that may stand for many integers is not written as one', async () => {
  assert.equal(
    await written('{"k":[9007199254740993.0],"x":[[9007199254740993e0,1.7e18]]}'),
    '{"k":9.007199254740992e+15,"x":[9.007199254740992e+15,1.7e+18]}\n',
  );
});

test('regression: what the labels take with their names is limited', async () => {
  const columns = `{"${'n'.repeat(100)}":[${'1,'.repeat(999)}1]}`;
  assert.equal((await written(columns)).length, 107_000);
  await assert.rejects(written(columns, 106_000), { code: 'TOO_LARGE' });
});
