// Python virtual environments with packages of PyPI, in cache folders that later runs find again.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_MILLIS = 300_000;

/** Its folder of programs; null where Python or the index is not there. `folder`: instead of one for all temporary files. */
export const programsWith = (name: string, version: string, folder?: string): Promise<string | null> =>
  environmentWith(folder ?? join(tmpdir(), `plumb-${name}-${version}`), [`${name}==${version}`]);

/** `requirements`: arguments of `pip install`; one place has the same ones always. */
export async function environmentWith(place: string, requirements: readonly string[]): Promise<string | null> {
  const programs = join(place, 'bin');
  const done = join(place, 'installed');
  if (existsSync(done)) return programs;
  try {
    await run('python3', ['-m', 'venv', place]);
    const install = ['install', '--quiet', '--only-binary', ':all:', ...requirements];
    await run(join(programs, 'pip'), install, { timeout: INSTALL_MILLIS });
    await run('touch', [done]);
    return programs;
  } catch {
    return null;
  }
}
