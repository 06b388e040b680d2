// Pages with a session: what they show is run (page-session.ts).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf, runSession } from '../examples/page-session.ts';

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
