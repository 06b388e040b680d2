// plumb init [dir]: a small project that works at once. Never overwrites.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlumbError } from '../../../schemas/errors.ts';
import { makeFolders } from '../../durable.ts';
import { nowMicros } from '../../instant.ts';
import type { Register } from '../command.ts';
import { starterFiles } from '../starter-project.ts';

const PLUMB_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

export const registerInit: Register = (program, run) => {
  program
    .command('init')
    .description('start a project: a project file, example definitions and sample data')
    .argument('[dir]', 'its folder', '.')
    .action(
      run(async (invocation, dir: string) => {
        const folder = resolve(invocation.io.cwd, dir);
        const files = starterFiles({
          project: projectName(folder),
          nowMicros: nowMicros(),
          schemas: schemasSeenFrom(folder),
        });
        refuseExisting(folder, [...files.keys()]);
        for (const [name, text] of files) await writeNew(folder, name, text);
        invocation.result({ folder, files: [...files.keys()] }, () => createdText(dir, folder, [...files.keys()]));
        return 0;
      }),
    );
};

function refuseExisting(folder: string, names: readonly string[]): void {
  const existing = names.filter((name) => existsSync(join(folder, name)));
  if (existing.length === 0) return;
  const message = `${folder} already has ${existing.join(', ')}; nothing was written. Name an empty folder: plumb init DIR`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { folder, existing } });
}

async function writeNew(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  try {
    await makeFolders(dirname(file));
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    throw new PlumbError('STORAGE_UNAVAILABLE', `cannot write ${file}: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
    });
  }
}

/** The folder's name with everything removed that a project name may not have. */
function projectName(folder: string): string {
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/-+$/, '');
  return name === '' ? 'demo' : name;
}

/** The folder of the JSON Schemas as seen from `folder`, where a relative path to it will stay right; else null. */
function schemasSeenFrom(folder: string): string | null {
  if (existsSync(join(folder, 'node_modules/@plumb/schemas/json'))) return 'node_modules/@plumb/schemas/json';
  const inside = relative(PLUMB_FOLDER, folder);
  return inside.startsWith('..') ? null : relative(folder, join(PLUMB_FOLDER, 'schemas/json'));
}

function createdText(dir: string, folder: string, names: readonly string[]): string {
  const enter = dir === '.' ? [] : [`  cd ${dir}`];
  const steps = ['plumb apply', 'plumb materialize', `plumb get --service example --entity '{"user_id": 1}'`];
  return [
    `Created in ${folder}:`,
    ...names.map((name) => `  ${name}`),
    '',
    'Next:',
    ...enter,
    ...steps.map((step) => `  ${step}`),
  ].join('\n');
}
