// `plumb serve` of a history, which may die and stand still, and the lookups that ask it all the time.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Event, type LookupEvent, nowMillis } from './event-log.ts';
import { isRunning, pause, startPlumb } from './harmed-process.ts';
import type { FaultWorld } from './history.ts';

const LISTENING = /plumb listening on (http:\/\/\S+)/;
const START_MILLIS = 60_000;
const LOOKUP_MILLIS = 5_000;
const BETWEEN_LOOKUPS_MILLIS = 25;
const LONGEST_LOG = 200_000;

export class ProjectServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #url: string | null = null;
  #log = '';

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** What it wrote, of all its lives. */
  get log(): string {
    return this.#log;
  }

  get url(): string | null {
    return this.#url;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const child = startPlumb(this.#folder, ['serve', '--port', '0'], this.#env);
    this.#child = child;
    const url = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), START_MILLIS);
      const take = (chunk: Buffer): void => {
        this.#log = `${this.#log}${chunk}`.slice(-LONGEST_LOG);
        const found = LISTENING.exec(chunk.toString())?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('exit', () => resolve(null));
      child.once('exit', () => clearTimeout(timer));
    });
    if (url === null) throw new Error(`plumb serve did not start: ${this.#log}`);
    this.#url = url;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#url = null;
    if (child === null || !isRunning(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async pause(millis: number): Promise<void> {
    if (this.#child !== null) await pause(this.#child, millis);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** One lookup of all entities; what came of it. */
export async function lookup(url: string | null, world: FaultWorld, at: string): Promise<LookupEvent> {
  const fromMillis = nowMillis();
  const ended = (status: number | null, body: string): LookupEvent => {
    return { kind: 'lookup', at, fromMillis, toMillis: nowMillis(), status, body };
  };
  if (url === null) return ended(null, 'the server is down');
  const { service, entities } = world;
  try {
    const response = await fetch(`${url}/v1/online-features`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ service, entities, at, statuses: true, asOf: true }),
      signal: AbortSignal.timeout(LOOKUP_MILLIS),
    });
    return ended(response.status, await response.text());
  } catch (error) {
    return ended(null, error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error));
  }
}

/** Asks again and again, at one instant after the other, until `signal`. */
export async function keepAsking(
  server: ProjectServer,
  world: FaultWorld,
  events: Event[],
  signal: AbortSignal,
): Promise<void> {
  for (let i = 0; !signal.aborted; i += 1) {
    events.push(await lookup(server.url, world, world.ats[i % world.ats.length] as string));
    await sleep(BETWEEN_LOOKUPS_MILLIS);
  }
}
