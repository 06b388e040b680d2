// A project in a folder of its own, driven through the command line as a user would.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionsInput } from '../schemas/builders.ts';
import type { Command, Finished } from './measured-process.ts';
import { measure, requireOk } from './measured-process.ts';
import type { Options } from './options.ts';

export const PLUMB = join(import.meta.dirname, '..', 'bin', 'plumb.js');

export interface PlumbProject extends AsyncDisposable {
  readonly folder: string;
  /** A measured command. */
  plumb(...args: readonly string[]): Promise<Finished>;
  /** A preparation: its standard output; rejects where it fails. */
  plumbOk(...args: readonly string[]): Promise<string>;
}

/** Writes and applies the project; disposing removes it. */
export async function plumbProject(
  options: Options,
  definitions: DefinitionsInput,
  online: object = { kind: 'lmdb' },
): Promise<PlumbProject> {
  const { dataFolder, memory, threads, timeoutSeconds } = options;
  const folder = join(dataFolder, `project-${process.pid}`);
  await mkdir(join(folder, 'features'), { recursive: true });
  const project = {
    project: 'bench',
    online,
    engine: { kind: 'duckdb', memoryLimit: memory, threads },
  };
  await writeFile(join(folder, 'plumb.yaml'), JSON.stringify(project));
  await writeFile(join(folder, 'features', 'bench.json'), JSON.stringify(definitions));
  const command = (args: readonly string[]): Command => ({ args: [PLUMB, ...args], cwd: folder, timeoutSeconds });
  await requireOk(command(['apply']));
  return {
    folder,
    plumb: (...args) => measure(command(args)),
    plumbOk: (...args) => requireOk(command(args)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
