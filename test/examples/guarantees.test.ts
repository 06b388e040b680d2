// docs/guarantees.md names tests that exist: each promise has one at least, and each title, or the part of it that does not
// vary, is that of a test in the named file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TITLE = /\b(?:test|it|check)\(\s*(?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

const page = await readFile(join(ROOT, 'docs/guarantees.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

async function titlesIn(file: string): Promise<readonly string[]> {
  const source = await readFile(join(ROOT, file), 'utf8');
  return [...source.matchAll(TITLE)].map(([, plain, single, double]) =>
    (plain ?? single ?? double ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}

test('every promise is a row of promise, limits and tests', () => {
  assert.ok(rows.length > 30, `${rows.length} rows`);
  for (const cells of rows) {
    assert.equal(cells.length, 5, cells.join(' | '));
    assert.ok(cells[1] !== '' && cells[3] !== '', cells.join(' | '));
  }
});

test('every test that is named is there', async () => {
  const missing: string[] = [];
  for (const named of rows.flatMap((cells) => (cells[3] ?? '').split('<br>'))) {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(named) ?? [];
    assert.ok(title.length >= 8, `found ${JSON.stringify(named)}, expected a file in code marks, a colon and a title`);
    const titles = await titlesIn(file);
    if (!titles.some((one) => one.includes(title))) missing.push(named);
  }
  assert.deepEqual(missing, []);
});
