// Where the redis-server for tests comes from: PLUMB_TEST_REDIS_SERVER, the PATH, or Debian's package.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ADVICE =
  'tests need a redis-server: install it (Debian: apt-get install redis-server), or name its file in PLUMB_TEST_REDIS_SERVER';

export async function redisServerBinary(): Promise<string> {
  const named = process.env.PLUMB_TEST_REDIS_SERVER;
  if (named !== undefined) return named;
  return onPath('redis-server') ?? (await installed());
}

const onPath = (name: string): string | null =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file)) ?? null;

const LOCK = join(tmpdir(), 'plumb-test-apt.lock');
const STALE_MILLIS = 300_000;

/** By apt-get, one process at a time: test files run side by side. */
async function installed(): Promise<string> {
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) throw new Error(ADVICE);
  while (!(await taken())) await sleep(200);
  try {
    if (onPath('redis-server') === null) install();
  } finally {
    await rm(LOCK, { recursive: true, force: true });
  }
  const found = onPath('redis-server');
  if (found === null) throw new Error(ADVICE);
  return found;
}

/** A folder, because making one is atomic. One that its owner left behind is taken over. */
async function taken(): Promise<boolean> {
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const made = await stat(LOCK).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > STALE_MILLIS) await rm(LOCK, { recursive: true, force: true });
    return false;
  }
}

/** RUNLEVEL keeps the package from starting a service of its own. */
function install(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = ['install', '-y', '--no-install-recommends', 'redis-server'];
  if (spawnSync('apt-get', options, { env, stdio: 'ignore' }).status === 0) return;
  execFileSync('apt-get', ['update'], { env, stdio: 'ignore' });
  execFileSync('apt-get', options, { env, stdio: 'ignore' });
}
