// CSV and JSON Lines sources from definition to lookup: declared dialects, compressed files, names that differ by case.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type TempProject, tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { PROJECT_FILE, UNTIL } from './shop.ts';

const definitions = (source: string): string => `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
sources:
  - name: cards
    kind: batch
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, card_id: string, CARD_ID: string }
    ${source}
featureViews:
  - name: card
    kind: row
    entities: [user]
    source: cards
    features:
      - { name: small, column: card_id, type: string }
      - { name: large, column: CARD_ID, type: string }
featureServices:
  - name: cards
    features: [card:*]
`;

const projectOf = (source: string, files: Readonly<Record<string, string>>): Promise<TempProject> =>
  tempProject({ 'plumb.yaml': PROJECT_FILE, 'features/a.yaml': definitions(source), ...files });

/** What the project serves of user 1. */
async function served(project: TempProject): Promise<unknown> {
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, out, err } = await project.plumb(...argv);
    assert.equal(code, 0, out + err);
  }
  const { document } = await project.json('get', '--service', 'cards', '--entity', '{"user_id":1}', '--at', UNTIL);
  return (document.rows as unknown[][])[0];
}

test('delimiter, nullValues and header: false of a CSV source; names that differ only by case', async () => {
  const source = ['path: d.csv', 'format: csv', 'delimiter: ";"', 'nullValues: [NA]', 'header: false'].join('\n    ');
  const project = await projectOf(source, { 'd.csv': '1;2026-01-01T00:00Z;NA;"NA"\n' });
  assert.deepEqual(await served(project), [null, 'NA']);
  const { document } = await project.json('describe', 'cards');
  assert.match(
    JSON.stringify(document),
    /"delimiter":";","nullValues":\["NA"\],"header":\["user_id","ts","card_id","CARD_ID"\]/,
  );
});

test('a CSV source whose columns are named by the definition, beside columns that are not used', async () => {
  const source = 'path: d.csv\n    format: csv\n    header: [user_id, other, CARD_ID, card_id, ts]';
  assert.deepEqual(await served(await projectOf(source, { 'd.csv': '1,x,L,s,2026-01-01\n' })), ['s', 'L']);
});

test('compressed CSV and JSON Lines', async () => {
  const jsonl = await projectOf('path: d.jsonl.gz\n    format: jsonl', {});
  const line = '{"user_id":1,"ts":"2026-01-01T00:00Z","CARD_ID":"L","card_id":"s"}\n';
  await writeFile(join(jsonl.folder, 'd.jsonl.gz'), gzipSync(line));
  assert.deepEqual(await served(jsonl), ['s', 'L']);
  await writeFile(join(jsonl.folder, 'd.jsonl.gz'), gzipSync(line).subarray(0, -9));
  await assertRefused(jsonl, ['apply'], 'INVALID_DEFINITION', /d\.jsonl\.gz: its gzip data is damaged or cut off/);
});

test('a dialect that cannot be is refused by name', async () => {
  const wrong = (lines: string): Promise<TempProject> =>
    projectOf(`path: d.csv\n    format: csv\n    ${lines}`, { 'd.csv': '' });
  for (const [lines, message] of [
    ['delimiter: ";;"', /delimiter.*one character/s],
    ['nullValues: ["a,b"]', /nullValues.*without the delimiter/s],
    ['header: [ts, ts]', /header.*each once/s],
  ] as const)
    await assertRefused(await wrong(lines), ['apply'], 'INVALID_DEFINITION', message);
  const jsonl = await projectOf('path: d.jsonl\n    format: jsonl\n    delimiter: ";"', { 'd.jsonl': '' });
  await assertRefused(jsonl, ['apply'], 'INVALID_DEFINITION', /no delimiter, because the format is jsonl/);
});

test('a CSV file with another encoding or other line ends is refused by apply with its line', async () => {
  const project = await projectOf('path: d.csv\n    format: csv', {
    'd.csv': 'user_id,ts,card_id,CARD_ID\n1,2026-01-01,a,b\n2,2026-01-01,a,b\r\n',
  });
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /d\.csv, line 3: found the line end CRLF, expected LF/);
  await writeFile(
    join(project.folder, 'd.csv'),
    Buffer.from('user_id,ts,card_id,CARD_ID\n1,2026-01-01,caf\xe9,b\n', 'latin1'),
  );
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /d\.csv, line 2, field 3: found the byte 0xE9/);
});
