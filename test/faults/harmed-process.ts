// A real process of bin/plumb.js, and the harm that is done to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nowMillis } from './event-log.ts';
import type { Action, Harm } from './history.ts';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));
/** What does not end by then never will. */
const HUNG_MILLIS = 90_000;
const POLL_MILLIS = 10;

export interface EndedProcess {
  readonly fromMillis: number;
  readonly toMillis: number;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly wasHarmed: boolean;
  readonly hung: boolean;
}

/** Every process that was started and has not ended, so that none outlives the harness. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// So that what listens for the end of this process is told of it: a runner of tests ends it like this.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

export function startPlumb(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(process.execPath, [PLUMB, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function runPlumb(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  harm: Harm | null,
  act: (action: Action) => Promise<void> = async () => {},
): Promise<EndedProcess> {
  const fromMillis = nowMillis();
  const child = startPlumb(folder, args, { ...env, ...failpointOf(harm) });
  let hung = false;
  const watchdog = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, HUNG_MILLIS);
  const ended = Promise.all([
    text(child.stdout as NodeJS.ReadableStream & AsyncIterable<Buffer>),
    text(child.stderr as never),
    once(child, 'close'),
  ]);
  const [[out, err, [code, signal]], wasPaused] = await Promise.all([
    ended,
    harm === null ? false : inflict(child, harm, act),
  ]);
  clearTimeout(watchdog);
  const wasHarmed = wasPaused || (signal === 'SIGKILL' && !hung);
  return { fromMillis, toMillis: nowMillis(), code: code as number | null, out, err, wasHarmed, hung };
}

function failpointOf(harm: Harm | null): Readonly<Record<string, string>> {
  if (harm?.kind === 'kill_at') return { PLUMB_FAILPOINT: harm.failpoint };
  return harm?.kind === 'pause_at' || harm?.kind === 'meanwhile' ? { PLUMB_FAILPOINT_PAUSE: harm.failpoint } : {};
}

/** True where the process stood still. */
async function inflict(child: ChildProcess, harm: Harm, act: (action: Action) => Promise<void>): Promise<boolean> {
  switch (harm.kind) {
    case 'kill_at':
      return false;
    case 'kill_after':
      if (await lives(child, harm.millis)) child.kill('SIGKILL');
      return false;
    case 'pause_after':
      if (!(await lives(child, harm.afterMillis))) return false;
      return pause(child, harm.millis);
    case 'pause_at':
      return (await stopsItself(child)) && pause(child, harm.millis);
    case 'meanwhile':
      if (!(await stopsItself(child))) return false;
      await act(harm.action).finally(() => child.kill('SIGCONT'));
      return true;
  }
}

async function stopsItself(child: ChildProcess): Promise<boolean> {
  while (isRunning(child) && stateOf(child) !== 'T') await sleep(POLL_MILLIS);
  return isRunning(child);
}

/** Stops it, where it is not stopped yet, and lets it go on after `millis`. False where it has ended. */
export async function pause(child: ChildProcess, millis: number): Promise<boolean> {
  if (!isRunning(child) || !child.kill('SIGSTOP')) return false;
  try {
    await sleep(millis);
  } finally {
    child.kill('SIGCONT');
  }
  return true;
}

/** Whether it still runs after `millis`. */
async function lives(child: ChildProcess, millis: number): Promise<boolean> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort();
  child.once('exit', onExit);
  await sleep(millis, undefined, { signal: ended.signal }).catch(() => undefined);
  child.off('exit', onExit);
  return isRunning(child);
}

export const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

/** Of Linux: R, S, T (stopped), Z …; empty where it is gone. */
function stateOf({ pid }: ChildProcess): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
