// The processes of a server with several workers.
import { readFile } from 'node:fs/promises';
import { until } from '../waiting.ts';
import { childrenOf, type RunningServe } from './project.ts';

/** Pids by the numbers of the workers. */
export async function workersOf({ pid }: RunningServe): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (const child of await childrenOf(pid)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    const number = /\0serve-worker\0(\d+)\0/.exec(command)?.[1];
    if (number !== undefined) found.set(Number(number), child);
  }
  return found;
}

export const pidOfWorker = async (server: RunningServe, number: number): Promise<number> =>
  (await until(async () => (await workersOf(server)).get(number))) as number;
