// What a page shows is run, so that it cannot rot. A comment before a code block says how:
//
//   <!-- run -->          a part of one shell session, in order; it starts in the repository's folder
//   <!-- file: PATH -->   written in that session's folder at this point
//   <!-- from: PATH -->   stands word for word in that file of the repository, which a test runs
//   <!-- NAME --> and <!-- NAME-file: PATH -->   parts of another session of the page
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PORT = /\b6567\b/g;

export interface Block {
  readonly how: string;
  readonly path: string;
  readonly code: string;
}

/** `session`: the name of one that is not the page's main one. */
export async function blocksOf(page: string, session?: string): Promise<readonly Block[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const hows =
    session === undefined
      ? { run: 'run', file: 'file', from: 'from' }
      : { [session]: 'run', [`${session}-file`]: 'file' };
  return [...text.matchAll(/<!-- ([\w-]+)(?:: (\S+))? -->\n```\w+\n(.*?)\n```/gs)].flatMap(
    ([, name = '', path = '', code = '']): readonly Block[] =>
      Object.hasOwn(hows, name) ? [{ how: hows[name as keyof typeof hows] ?? '', path, code }] : [],
  );
}

export interface SessionOutcome {
  readonly code: number | null;
  readonly out: string;
}

/** `before`: what the page takes for done. */
export async function runSession(blocks: readonly Block[], before = ''): Promise<SessionOutcome> {
  const temporary = await mkdtemp(join(tmpdir(), 'plumb-page-'));
  try {
    const script = [
      `set -euo pipefail; trap 'kill $(jobs -p) 2> /dev/null || true' EXIT; export TMPDIR='${temporary}'`,
      before,
      ...blocks.map(shellOf),
    ].join('\n');
    // The documented port may be taken on the machine that runs this.
    return await bash(script.replace(PORT, String(await freePort())));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function shellOf({ how, path, code }: Block): string {
  if (how === 'run') return code;
  return how === 'file' ? `cat > '${path}' <<'END_OF_FILE'\n${code}\nEND_OF_FILE` : '';
}

function bash(script: string): Promise<SessionOutcome> {
  const child = spawn('bash', ['-c', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void out.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out).toString() }));
  });
}
