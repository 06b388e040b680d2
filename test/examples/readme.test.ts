// What the README shows is run, so that it cannot rot. A comment before a code block says how:
//
//   <!-- run -->          a part of one shell session, in order; it starts in the repository's folder
//   <!-- file: PATH -->   written in that session's folder at this point
//   <!-- from: PATH -->   stands word for word in that file of the repository, which a test runs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PORT = /\b6567\b/g;

interface Block {
  readonly how: string;
  readonly path: string;
  readonly code: string;
}

const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/<!-- (run|file|from)(?:: (\S+))? -->\n```\w+\n(.*?)\n```/gs)].map(
  ([, how = '', path = '', code = '']): Block => ({ how, path, code }),
);

test('the commands of the README work, in their order', async () => {
  assert.ok(blocks.length > 8, 'the blocks were found');
  const temporary = await mkdtemp(join(tmpdir(), 'plumb-readme-'));
  try {
    const script = [
      `set -euo pipefail; trap 'kill $(jobs -p) 2> /dev/null || true' EXIT; export TMPDIR='${temporary}'`,
      ...blocks.map(shellOf),
    ].join('\n');
    // The documented port may be taken on the machine that runs this.
    const { code, out } = await bash(script.replace(PORT, String(await freePort())));
    assert.equal(code, 0, out);
    assert.match(out, /Registered version 1\.[\s\S]*Registered version 2\./);
    assert.match(out, /"statuses":\[\["PRESENT",[^\]]*\],\["NOT_FOUND"/, out);
    assert.match(out, /^15 of 15 values are equal$/m);
    assert.match(out, /item_clicks_30d +\d+ +PRESENT/);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
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

function shellOf({ how, path, code }: Block): string {
  if (how === 'run') return code;
  return how === 'file' ? `cat > '${path}' <<'END_OF_FILE'\n${code}\nEND_OF_FILE` : '';
}

function bash(script: string): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn('bash', ['-c', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void out.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out).toString() }));
  });
}
