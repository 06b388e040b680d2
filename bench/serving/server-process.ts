// A server in a process of its own, ready when it prints its address.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { usageOf } from '../measured-process.ts';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** User and system time so far of the process and of those that it started; null where there is no /proc. */
  cpuSeconds(): number | null;
}

const READY_MILLIS = 30_000;

/** `node …args` in `cwd`; the first address on its stdout is the server's. Disposing ends it with SIGTERM. */
export async function startServerProcess(args: readonly string[], cwd: string): Promise<ServerProcess> {
  const env = { ...process.env, PLUMB_LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  let out = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const url = /http:\/\/[\d.:]+/.exec(out)?.[0];
      if (url !== undefined) resolve(url);
    });
    setTimeout(() => reject(new Error(`node ${args.join(' ')} did not listen: ${out}`)), READY_MILLIS).unref();
    ended.then(() => reject(new Error(`node ${args.join(' ')} ended: ${out}`)), reject);
  });
  try {
    const url = await ready;
    const pid = child.pid as number;
    return { url, pid, cpuSeconds: () => cpuSecondsOf(pid), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function cpuSecondsOf(pid: number): number | null {
  const own = usageOf(pid);
  if (own === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (cpuSecondsOf(child) ?? 0), own.cpuSeconds);
}

/** None where there is no /proc. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
