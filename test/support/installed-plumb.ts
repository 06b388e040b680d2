// Plumb as npm publishes it: packed, and installed into an empty folder, where it runs by the machine's own Node, whatever its
// version. Dependencies come from npm's cache where it has them.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL_MILLIS = 300_000;
const BUFFER_BYTES = 2 ** 26;
const execute = promisify(execFile);

export interface InstalledPlumb extends AsyncDisposable {
  /** The folder that has it in node_modules. */
  readonly folder: string;
  /** The command `plumb`. */
  readonly program: string;
  /** The variables of this process, without the Node of the clone. */
  readonly env: NodeJS.ProcessEnv;
}

export async function installPlumb(): Promise<InstalledPlumb> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-installed-'));
  const env = { ...process.env, PATH: withoutClone(process.env.PATH ?? ''), NODE_OPTIONS: '' };
  await execute(process.execPath, ['scripts/build-package.ts'], { cwd: ROOT });
  const packing = ['pack', '--json', '--pack-destination', folder, join(ROOT, 'dist')];
  const { stdout } = await execute('npm', packing, { cwd: ROOT, env, maxBuffer: BUFFER_BYTES });
  const [packed] = JSON.parse(stdout) as [{ readonly filename: string }];
  await writeFile(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
  const installing = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)];
  await execute('npm', installing, { cwd: folder, env, timeout: INSTALL_MILLIS });
  return {
    folder,
    program: join(folder, 'node_modules/.bin/plumb'),
    env,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const withoutClone = (path: string): string =>
  path
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
