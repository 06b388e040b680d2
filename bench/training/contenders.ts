// Who competes: Plumb through its command line, and the hand-written queries; each run is a fresh process over the same
// Parquet files, with the same memory limit and threads, and ends with the training set in Parquet.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finished, Run } from '../measured-process.ts';
import { measure } from '../measured-process.ts';
import type { Options } from '../options.ts';
import type { PlumbProject } from '../plumb-project.ts';
import type { Refresh } from './features.ts';
import { EFFECTIVE, SERVICE } from './features.ts';

export const QUERIES = ['range-join', 'sorted-window', 'tiles'] as const;

export interface Contender {
  readonly name: string;
  /** `result`: where its Parquet goes, for those who compare; null: it is thrown away. */
  run(refresh: Refresh, result: string | null): Promise<Run>;
}

export const plumbContender = (project: PlumbProject, world: string): Contender => ({
  name: 'plumb',
  run: (refresh, result) => createDataset(project, world, { service: SERVICE[refresh], result }),
});

/** `result`: as of a contender's run. */
export async function createDataset(
  project: PlumbProject,
  world: string,
  { service, result }: { readonly service: string; readonly result: string | null },
): Promise<Run> {
  const out = result === null ? [] : ['--out', result];
  const labels = join(world, 'labels.parquet');
  const run = await project.plumb('dataset', 'create', '--service', service, '--labels', labels, ...out);
  await rm(join(project.folder, '.plumb', 'datasets'), { recursive: true, force: true });
  return plain(run);
}

export function queryContender(options: Options, world: string, query: string): Contender {
  return {
    name: query,
    async run(refresh, result) {
      const { memory, threads, timeoutSeconds } = options;
      const bench = join(import.meta.dirname, '..');
      const script = join(bench, 'baselines', `${query}.sql`);
      const args = [join(bench, 'run-baseline.ts'), script, memory, String(threads), EFFECTIVE[refresh]];
      const run = await measure({ args, cwd: world, timeoutSeconds });
      const written = join(world, `${query}.parquet`);
      if (result !== null) await rename(written, result);
      for (const left of [written, `${written}.tmp`, join(world, 'spill')])
        await rm(left, { recursive: true, force: true });
      return plain(run);
    },
  };
}

const plain = ({ stdout: _, ...run }: Finished): Run => run;
