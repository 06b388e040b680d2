// docs/guarantees.md names files that exist, and for each promise a test; a title, or the part of it that does not vary, is that
// of a test in the named file.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TITLE = /\b(?:test|it|check)\(\s*(?:`((?:[^`\\]|\\.)*)`|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

interface Row {
  readonly line: string;
  readonly keptBy: readonly string[];
  readonly heldBy: readonly { readonly file: string; readonly title: string | undefined }[];
}

const page = await readFile(join(ROOT, 'docs/guarantees.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map(rowOf);

function rowOf(line: string): Row {
  const [before, promise, limits, keptBy = '', heldBy = '', after, ...more] = line
    .split('|')
    .map((cell) => cell.trim());
  assert.deepEqual([before, after, more], ['', '', []], `not of four cells: ${line}`);
  assert.ok(promise !== '' && limits !== undefined, line);
  return {
    line,
    keptBy: keptBy === '' ? [] : keptBy.split('<br>').map((file) => codeIn(file).file),
    heldBy: heldBy.split('<br>').map(codeIn),
  };
}

/** `file`, or `file`: title */
function codeIn(text: string): Row['heldBy'][number] {
  const [, file, title] = /^`([^`]+)`(?:: (.+))?$/.exec(text) ?? [];
  assert.ok(
    file !== undefined,
    `found ${JSON.stringify(text)}, expected a file in code marks, perhaps a colon and a title`,
  );
  return { file, title };
}

async function titlesIn(file: string): Promise<readonly string[]> {
  const source = await readFile(join(ROOT, file), 'utf8');
  return [...source.matchAll(TITLE)].map(([, plain, single, double]) =>
    (plain ?? single ?? double ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}

test('every file that is named exists, and every promise has a test', () => {
  assert.ok(rows.length > 80, `${rows.length} rows`);
  for (const { line, keptBy, heldBy } of rows) {
    const files = [...keptBy, ...heldBy.map(({ file }) => file)].filter((file) => file !== 'npm run check');
    assert.deepEqual(
      files.filter((file) => !existsSync(join(ROOT, file))),
      [],
      line,
    );
    assert.ok(
      heldBy.every(({ file }) => /\.(test|suite)\.ts$|^npm run check$/.test(file)),
      line,
    );
  }
});

test('every title that is named is that of a test', async () => {
  const missing: string[] = [];
  for (const { file, title } of rows.flatMap(({ heldBy }) => heldBy)) {
    if (title === undefined) continue;
    assert.ok(title.length >= 8, `${file}: ${title}`);
    if (!(await titlesIn(file)).some((one) => one.includes(title))) missing.push(`${file}: ${title}`);
  }
  assert.deepEqual(missing, []);
});
