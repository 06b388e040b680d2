// Linux counts the processes that it ended for want of memory.
import { readFile } from 'node:fs/promises';

/** Since the machine started; null where that is not known. */
export async function outOfMemoryKills(): Promise<number | null> {
  const counts = await readFile('/proc/vmstat', 'utf8').catch(() => '');
  const [, kills] = /^oom_kill (\d+)$/m.exec(counts) ?? [];
  return kills === undefined ? null : Number(kills);
}
