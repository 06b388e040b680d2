// The README: what it shows is run (page-session.ts), and its links lead somewhere. Other pages: test/long/pages.test.ts.
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
