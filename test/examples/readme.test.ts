// The README and other pages with a session: what they show is run (page-session.ts).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { blocksOf, ROOT, runSession } from './page-session.ts';

const blocks = await blocksOf('README.md');

test('the commands of the README work, in their order', async () => {
  assert.ok(blocks.length >= 4, 'the blocks were found');
  const { code, out } = await runSession(blocks);
  assert.equal(code, 0, out);
  assert.match(out, /Registered version 1\.[\s\S]*Registered version 2\./);
  assert.match(out, /"statuses":\[\["PRESENT",[^\]]*\],\["NOT_FOUND"/, out);
  assert.match(out, /^15 of 15 values are equal$/m);
  assert.match(out, /item_clicks_30d +\d+ +PRESENT/);
});

/** Pages that take `plumb` for installed. */
const inFolder = `export PATH="$(mktemp -d):$PATH"; ln -s "$PWD/bin/plumb.js" "\${PATH%%:*}/plumb"; cd "$TMPDIR"`;

test('the commands of docs/backup.md work, in their order', async () => {
  const { code, out } = await runSession(await blocksOf('docs/backup.md'), inFolder);
  assert.equal(code, 0, out);
  assert.match(out, /Backup 2: \d+ objects, .*; 0 objects of them, 0 B, were new there\./);
  assert.match(out, /to fill[\s\S]*filled/);
});

test('the commands of docs/security.md work, in their order', async () => {
  const { code, out } = await runSession(await blocksOf('docs/security.md'), inFolder);
  assert.equal(code, 0, out);
  assert.match(out, /web shop +reader +the service example/);
  assert.match(out, /"rows":\[\[/);
  assert.match(out, /"code":"FORBIDDEN"[^}]*"lacking":\{"role":"operator"\}/);
  assert.match(out, /"code":"UNAUTHENTICATED"[^}]*"reason":"missing"/);
  assert.match(out, /"code":"UNAUTHENTICATED"[^}]*"reason":"revoked"/);
  assert.match(out, /key revoke +\w{12} +done/);
});

test('what the README quotes stands in the files', async () => {
  for (const { path, code } of blocks.filter(({ how }) => how === 'from')) {
    assert.ok((await readFile(join(ROOT, path), 'utf8')).includes(code), `${path} does not have:\n${code}`);
  }
});

for (const file of ['README.md', 'CONTRIBUTING.md']) {
  test(`the links of ${file} lead somewhere`, async () => {
    const text = await readFile(join(ROOT, file), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) =>
      join(dirname(file), target),
    );
    assert.deepEqual(
      targets.filter((target) => !existsSync(join(ROOT, target))),
      [],
    );
  });
}
