// Label files that are too wide, too deep or no JSON, by path: refused before any work, by line and column.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from './parquet-file.ts';
import { tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { SHOP } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');

const CELLS = '"user_id":1,"event_timestamp":"2026-01-08T00:00:00Z"';
const line = (cells: string): string => `{${CELLS}${cells}}\n`;
const create = (file: string): readonly string[] => ['dataset', 'create', '--service', 'ranking', '--labels', file];

async function refused(file: string, content: string | null, message: RegExp): Promise<void> {
  if (content !== null) await project.write(file, content);
  await assertRefused(project, create(file), 'INVALID_LABELS', message);
}

for (const levels of [9, 50, 3000]) {
  test(`regression: ${levels} nested lists in JSON Lines are refused with line and column`, async () => {
    const deep = `${'['.repeat(levels)}1${']'.repeat(levels)}`;
    await refused(
      'deep.jsonl',
      line(',"note":"[[{"') + line(`,"note":"\\"[","de\\"ep":${deep}`),
      /deep\.jsonl, line 2, label column de"ep: found more than 8 lists and structs within each other/,
    );
  });
}

test('as many nested lists as are allowed are read, whatever strings hold', async () => {
  await project.write('fine.jsonl', line(`,"note":"[[[[[[[[[[[[\\\\","deep":${'['.repeat(8)}1${']'.repeat(8)}`));
  const { code, err } = await project.plumb(...create('fine.jsonl'));
  assert.equal(code, 0, err);
});

test('regression: nested lists in Parquet are counted by the schema', async () => {
  const deep = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  const label = "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-01-08' AS event_timestamp";
  await writeParquetFile(join(project.folder, 'deep.parquet'), `${label}, ${deep(9)} AS deep`);
  await refused('deep.parquet', null, /label column deep: found more than 8 lists and structs within each other/);
  await writeParquetFile(join(project.folder, 'fine.parquet'), `${label}, {'a': ${deep(7)}} AS fine, MAP {1: 2} AS m`);
  const { code, err } = await project.plumb(...create('fine.parquet'));
  assert.equal(code, 0, err);
});

test('regression: 20,000 label columns are refused in each format', async () => {
  const names = Array.from({ length: 19_998 }, (_, i) => `c${i}`);
  const expected = (file: string, found: number) =>
    new RegExp(`${file}.*: found ${found} columns, expected at most 1000 \\(server\\.limits\\.labelColumns\\)`);
  const header = ['user_id', 'event_timestamp', ...names].join(',');
  await refused('wide.csv', `${header}\n1,2026-01-08${',1'.repeat(names.length)}\n`, expected('wide.csv', 20_000));
  await refused('wide.jsonl', line(names.map((name) => `,"${name}":1`).join('')), expected('wide.jsonl', 1001));
  const thin = names.slice(0, 1500).map((name) => line(`,"${name}":1`));
  await refused('thin.jsonl', thin.join(''), expected('thin.jsonl', 1502));
  const items = names.slice(0, 1500).map((name) => `1 AS ${name}`);
  await writeParquetFile(
    join(project.folder, 'wide.parquet'),
    `SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-01-08' AS event_timestamp, ${items.join(', ')}`,
  );
  await refused('wide.parquet', null, expected('wide.parquet', 1502));
});

test('regression: JSON Lines say what is wrong with them in words of ours', async () => {
  for (const [content, message] of [
    [
      line(',"x":NaN'),
      /l\.jsonl, line 1: found N outside of a text \(NaN\?\), which JSON does not have, expected a number or null/,
    ],
    [line(',"x":1') + line(',"x":[-Infinity]'), /line 2: found I outside of a text \(Infinity\?\)/],
    [line(',"x":{"a":1,"a":2}'), /l\.jsonl, line 1: .*"a".*twice|line 1: .*name.*twice/],
    [line(',"x":{"a":1,"A":2}'), /line 1: found the name a twice in one object, letter case aside/],
    [line(',"a\\u0000b":1'), /label column a\\u0000b has a NUL character in its name/],
    ['{"user_id":1,"event_timestamp":null}\n', /label column event_timestamp is null in row 1/],
    ['', /the labels have no rows/],
    ['{}\n', /the labels have no rows/],
  ] as const) {
    await refused('l.jsonl', content, message);
  }
});
