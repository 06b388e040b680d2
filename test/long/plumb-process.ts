// bin/plumb.js as a real process that can be killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));
const LONGEST_MILLIS = 900_000;

export interface Ended {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL after so long. Default: what does not end by then never will, and the file of tests would wait for it. */
  readonly killAfterMillis?: number;
}

/** This Node is new enough, so that the process started here is the real one: nothing stands in for it. */
export async function plumb(folder: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [PLUMB, ...args], {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { killAfterMillis = LONGEST_MILLIS } = options;
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMillis);
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  return { code: code as number | null, signal: signal as NodeJS.Signals | null, out, err };
}

/** Fails with what it said where it does not end well. */
export async function mustRun(folder: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const ended = await plumb(folder, args, options);
  if (ended.code === 0) return ended;
  throw new Error(`plumb ${args.join(' ')} ended with ${ended.code ?? ended.signal}:\n${ended.err}${ended.out}`);
}
