// plumb init [dir]: a small project that works at once. Never overwrites.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlumbError } from '../../../schemas/errors.ts';
import { makeFolders } from '../../durable.ts';
import { nowMicros } from '../../instant.ts';
import type { Register } from '../command.ts';
import { starterFiles, TSCONFIG } from '../starter-project.ts';
import { pathsValue, SCHEMAS_FILE } from '../starter-typescript.ts';

const PLUMB_FOLDER = fileURLToPath(new URL('../../..', import.meta.url));

export const registerInit: Register = (program, run) => {
  program
    .command('init')
    .description('start a project: a project file, example definitions and sample data')
    .argument('[dir]', 'its folder', '.')
    .action(
      run(async (invocation, dir: string) => {
        const folder = resolve(invocation.io.cwd, dir);
        const schemasFile = findsSchemas(folder) ? null : SCHEMAS_FILE;
        const all = starterFiles({
          project: projectName(folder),
          nowMicros: nowMicros(),
          schemas: schemasSeenFrom(folder),
          schemasFile,
        });
        // A tsconfig.json that is there belongs to the user: it is kept, and the user told what to add.
        const keepsTsconfig = existsSync(join(folder, TSCONFIG));
        const files = new Map([...all].filter(([name]) => name !== TSCONFIG || !keepsTsconfig));
        refuseExisting(folder, [...files.keys()]);
        for (const [name, text] of files) await writeNew(folder, name, text);
        const names = [...files.keys()];
        const types = typesText(keepsTsconfig, schemasFile);
        invocation.result({ folder, files: names }, () => createdText(dir, { folder, names, types }));
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

/** Whether an editor finds `@plumb/schemas` from `folder` as Node does: in a node_modules above. */
function findsSchemas(folder: string): boolean {
  const parent = dirname(folder);
  return existsSync(join(folder, 'node_modules/@plumb/schemas')) || (parent !== folder && findsSchemas(parent));
}

/** How an editor comes to know `@plumb/schemas`. */
function typesText(keepsTsconfig: boolean, schemasFile: string | null): readonly string[] {
  if (schemasFile === null) return [];
  if (!keepsTsconfig) return ['', `${TSCONFIG} tells your editor where @plumb/schemas is: ${schemasFile}`];
  return [
    '',
    `${TSCONFIG} was there and is as it was. For your editor to find @plumb/schemas, set in its compilerOptions:`,
    `  "paths": ${pathsValue(schemasFile)}, "noEmit": true, "allowImportingTsExtensions": true`,
  ];
}

interface Created {
  readonly folder: string;
  readonly names: readonly string[];
  readonly types: readonly string[];
}

function createdText(dir: string, { folder, names, types }: Created): string {
  const enter = dir === '.' ? [] : [`  cd ${/^[\w./-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", `'\\''`)}'`}`];
  const steps = ['plumb apply', 'plumb materialize', `plumb get --service example --entity '{"user_id": 1}'`];
  return [
    `Created in ${folder}:`,
    ...names.map((name) => `  ${name}`),
    ...types,
    '',
    'Next:',
    ...enter,
    ...steps.map((step) => `  ${step}`),
  ].join('\n');
}
