// Where the S3 server for tests comes from: PLUMB_TEST_S3_SERVER, or built from Go's module proxy, once per version and
// machine, into the folder for temporary files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const VERSION = 'v1.8.0';
const FOLDER = join(tmpdir(), `plumb-versitygw-${VERSION}`);
const PROGRAM = join(FOLDER, 'versitygw');
const LOCK = `${FOLDER}.lock`;
const STALE_MILLIS = 30_000;
const ADVICE =
  'tests of S3 need versitygw: install Go (Debian: apt-get install golang), or name its file in PLUMB_TEST_S3_SERVER';

export async function s3ServerBinary(): Promise<string> {
  const named = process.env.PLUMB_TEST_S3_SERVER;
  if (named !== undefined) return named;
  while (!existsSync(PROGRAM)) {
    if (await taken()) await built();
    else await sleep(500);
  }
  return PROGRAM;
}

/** A folder, because making one is atomic. Its owner touches it; one that was left behind is taken over. */
async function taken(): Promise<boolean> {
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const touched = await stat(LOCK).catch(() => null);
    if (touched !== null && Date.now() - touched.mtimeMs > STALE_MILLIS)
      await rm(LOCK, { recursive: true, force: true });
    return false;
  }
}

async function built(): Promise<void> {
  const touching = setInterval(() => void utimes(LOCK, new Date(), new Date()).catch(() => undefined), 5000);
  try {
    if (existsSync(PROGRAM)) return;
    const folder = `${FOLDER}.${process.pid}`;
    await goInstall(folder);
    await rm(FOLDER, { recursive: true, force: true });
    await rename(folder, FOLDER);
  } finally {
    clearInterval(touching);
    await rm(LOCK, { recursive: true, force: true });
  }
}

async function goInstall(folder: string): Promise<void> {
  const flags = ['install', '-trimpath', '-ldflags=-s -w', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`];
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'auto' };
  const go = spawn('go', flags, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  go.stderr.on('data', (chunk: Buffer) => void said.push(chunk.toString()));
  const code = await Promise.race([
    once(go, 'close').then(([status]) => status as number | null),
    once(go, 'error').then(() => null),
  ]);
  if (code !== 0) throw new Error(`${ADVICE}; go install ended with ${code}: ${said.join('').slice(-2000)}`);
}
