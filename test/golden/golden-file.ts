// Expected text in files beside the tests. UPDATE_GOLDEN=1 writes them; what is new then shows in the diff of a commit.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export async function equalsGolden(file: string, text: string): Promise<void> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  if (process.env.UPDATE_GOLDEN === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return;
  }
  const expected = await readFile(path, 'utf8').catch(() => '');
  assert.equal(text, expected, `test/golden/${file} differs; if it should, run the tests with UPDATE_GOLDEN=1`);
}
