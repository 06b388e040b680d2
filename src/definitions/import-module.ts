// Imports a definition file, within a time: a module may wait for ever, or leave something running that keeps the process.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { breakLoopsAfter } from './loop-breaker.ts';

/** For one file to load, and again for what it started to end. */
export const MODULE_MILLIS = 10_000;
const LOOK_MILLIS = 20;
/** Beyond the time for loading, so that only what lets no timer run is broken. */
const LOOP_MILLIS = 500;

/** What of a module may keep a process; names of Node's `process.getActiveResourcesInfo()`. */
const RUNNING: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  TCPServerWrap: 'a server',
  PipeServerWrap: 'a server',
  UDPWrap: 'a socket',
  ProcessWrap: 'a child process',
  MessagePort: 'a worker',
  FSEventWrap: 'a watch of files',
  StatWatcher: 'a watch of files',
};

/** Its text says what is wrong with the module. */
export class UnsettledModule extends Error {}

/** Rejects with what the module throws, or with UnsettledModule. */
export async function importModule(path: string, withinMillis = MODULE_MILLIS): Promise<unknown> {
  const before = running();
  const module: unknown = await unlooped(withinMillis, () => within(withinMillis, import(pathToFileURL(path).href)));
  return await unlooped(withinMillis, () => settled(module, before, withinMillis));
}

/** Rejects with UnsettledModule where what it started does not end. */
async function settled(module: unknown, before: ReadonlyMap<string, number>, withinMillis: number): Promise<unknown> {
  const endMillis = performance.now() + withinMillis;
  for (let left = started(before); left !== null; left = started(before)) {
    if (performance.now() >= endMillis)
      throw new UnsettledModule(`${left} that still ran ${secondsText(withinMillis)} after the module was loaded`);
    await sleep(LOOK_MILLIS);
  }
  return module;
}

/** Code that lets no timer run is broken soon after the time that `work` has. */
async function unlooped<T>(withinMillis: number, work: () => Promise<T>): Promise<T> {
  using _loops = await breakLoopsAfter(withinMillis + LOOP_MILLIS);
  return await work();
}

/** Its timer also keeps a process alive that has nothing else left to do. */
async function within(millis: number, loading: Promise<unknown>): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const message = `a module that had not finished loading after ${secondsText(millis)}: it awaits something that does not come, or loops for ever`;
  const timer = setTimeout(() => reject(new UnsettledModule(message)), millis);
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

const secondsText = (millis: number): string => `${millis / 1000} s`;

function running(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What runs now and did not before, in words; null where nothing does. */
function started(before: ReadonlyMap<string, number>): string | null {
  const more = [...running()].find(([name, count]) => name in RUNNING && count > (before.get(name) ?? 0));
  return more === undefined ? null : (RUNNING[more[0]] ?? null);
}
