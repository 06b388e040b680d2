// Finds Chromium for tests of pages: CHROMIUM, or PATH, or Debian's package where the tests run as root.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Its path. Throws, and says what to do, where there is none. */
export function findChromium(): string {
  const found = process.env.CHROMIUM ?? inPath();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && install()) return inPath() ?? missing('apt-get installed it, but it is not in PATH');
  return missing('there is none in PATH, and apt-get could not install it');
}

const inPath = (): string | null =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable) ?? null;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const install = (): boolean => apt('update') && apt('install', '--yes', '--no-install-recommends', 'chromium');

const apt = (...args: readonly string[]): boolean =>
  spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status ===
  0;

const missing = (why: string): never => {
  throw new Error(`Chromium: ${why}. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path.`);
};
