// The list of top-level folders is whole: whatever the source writes under a storage has its line.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isCopied, STORAGE_FOLDERS, topFolder } from './storage-folders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Texts that end in a slash and are no folder of a storage: in a place of backups, in a new project, in a path of HTTP. */
const ELSEWHERE = ['backups', 'objects', 'data', 'parts'];
/** `'views/'`, `` `views/${…` ``, `'gc/cursor.json'`. */
const FOLDER = /['"`]([a-z]+)\/(?:\$\{|['"`]|[a-z/-]+\.json['"`]|[a-z]+\/['"`])/g;

test('every folder that the source names has its line', async () => {
  const found = new Map<string, string>();
  for await (const file of glob('src/**/*.ts', { cwd: ROOT })) {
    if (file.endsWith('.test.ts') || file.startsWith('src/storage/s3/')) continue;
    const code = (await readFile(join(ROOT, file), 'utf8')).replaceAll(/^\s*(\/\/|\*|\/\*|import ).*$/gm, '');
    for (const [, name = ''] of code.matchAll(FOLDER)) found.set(name, file);
  }
  for (const name of ['registry', 'views', 'datasets', 'schedules', 'keys', 'audit', 'jobs', 'leases', 'gc'])
    assert.ok(found.has(name), `${name}/ was found`);
  for (const [name, file] of found)
    assert.ok(
      name in STORAGE_FOLDERS || ELSEWHERE.includes(name),
      `${file} names ${name}/: say in src/backup/storage-folders.ts what a backup does with it, or here that it is no folder of a storage`,
    );
});

test('the page of backups says of each folder what becomes of it', async () => {
  const page = await readFile(join(ROOT, 'docs/backup.md'), 'utf8');
  for (const [folder, { holds, leftOut }] of Object.entries(STORAGE_FOLDERS))
    assert.ok(page.includes(`| \`${folder}/\` | ${holds} | ${leftOut === null ? 'yes' : `no: ${leftOut}`} |`), folder);
});

test('an object belongs to its top-level folder', () => {
  assert.equal(topFolder('views/a/00000001/manifest.json'), 'views');
  assert.equal(topFolder('stray'), '');
  assert.deepEqual(['keys/x.json', 'leases/gc/1.json', 'stray', 'photos/cat.jpg'].map(isCopied), [
    true,
    false,
    false,
    false,
  ]);
});
