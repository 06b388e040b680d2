// A server in a process of its own, ready when it prints its address.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { usageOf } from '../measured-process.ts';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** User and system time of the process so far; null where there is no /proc. */
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
    return { url: await ready, cpuSeconds: () => usageOf(child.pid)?.cpuSeconds ?? null, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
