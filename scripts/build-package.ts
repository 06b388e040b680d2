// npm run package: what npm publishes as `plumb`, made in dist/ from scratch: compiled JavaScript with its types, in the folders in
// which the sources lie, so that nothing of Plumb has to know where it runs. Node strips no types under node_modules.
//
//   npm run package && npm pack ./dist
import { spawnSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** What concerns a clone alone. */
const OF_A_CLONE = ['private', 'workspaces', 'scripts', 'allowScripts', 'devDependencies'];
const AS_THEY_ARE = ['schemas/json', 'LICENSE', 'README.md', 'CHANGELOG.md'];

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

const compiled = (source: string): object => ({
  types: source.replace(/\.ts$/, '.d.ts'),
  default: source.replace(/\.ts$/, '.js'),
});

async function packageJson(): Promise<object> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  const kept = Object.entries(manifest).filter(([key]) => !OF_A_CLONE.includes(key));
  const exported = Object.entries(manifest.exports).map(([name, source]) => [name, compiled(source)]);
  const exports = { ...Object.fromEntries(exported), './package.json': './package.json' };
  return { ...Object.fromEntries(kept), exports };
}

await rm(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules/.bin/tsc');
const { status, error } = spawnSync(tsc, ['-p', 'tsconfig.package.json'], { cwd: root, stdio: 'inherit' });
if (error !== undefined) throw error;
if (status !== 0) process.exit(status ?? 1);
for (const path of AS_THEY_ARE) await cp(join(root, path), join(dist, path), { recursive: true });
await writeFile(join(dist, 'package.json'), `${JSON.stringify(await packageJson(), null, 2)}\n`);
