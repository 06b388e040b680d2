// Trials spread over both cores: two processes take every other seed. The first to fail stops the other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { summed, type Tally } from '../property/worlds.ts';

const CHILD = fileURLToPath(new URL('worlds-child.ts', import.meta.url));
const PROCESSES = 2;

export async function tryInTwoProcesses(
  trial: 'training' | 'online' | 'continuous' | 'verify' | 'explain',
  first: number,
  count: number,
): Promise<Tally> {
  const stop = new AbortController();
  const shares = Array.from({ length: PROCESSES }, (_, i) => Math.floor((count + PROCESSES - 1 - i) / PROCESSES));
  try {
    return summed(await Promise.all(shares.map((share, i) => tryInOne(trial, first + i, share, stop.signal))));
  } finally {
    stop.abort();
  }
}

async function tryInOne(trial: string, first: number, count: number, signal: AbortSignal): Promise<Tally> {
  const args = [CHILD, trial, String(first), String(count), String(PROCESSES)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  signal.addEventListener('abort', () => child.kill());
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`worlds from seed ${first} failed:\n${err}`);
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Tally;
}
