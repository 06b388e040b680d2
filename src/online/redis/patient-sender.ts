// Writes are idempotent, so they may be sent again. Whether they should be is decided here.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type { RedisConnection, Send } from './redis-connection.ts';
import { isNoScript, isUnavailable } from './redis-failure.ts';
import { SCRIPTS } from './redis-scripts.ts';
import { type Commands, RespWriter } from './resp-writer.ts';

export function loadScripts(): Commands {
  const out = new RespWriter(4096);
  for (const { lua } of SCRIPTS) out.command('SCRIPT', 2).argument('LOAD').argument(lua);
  return out.finish();
}

/** How long a write goes on trying while Redis is away or busy. */
export const PATIENCE_MILLIS = 5_000;
const PAUSE_MILLIS = 50;

interface Written {
  readonly server: string;
  /** Rows that no state has named yet. */
  readonly hasRows: boolean;
}

export class PatientSender {
  readonly #connection: RedisConnection;
  /** View → where its last write went. */
  readonly #writtenTo = new Map<string, Written>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** From now on the view's writes must go to the same server. */
  tookRows(view: string, server: string): void {
    this.#writtenTo.set(view, { server, hasRows: true });
  }

  /** Rows that follow belong to this state, so they must go to the same server; another state may go to any. */
  tookState(view: string, server: string): void {
    this.#writtenTo.set(view, { server, hasRows: false });
  }

  /**
   * Again while Redis is away or busy, for some seconds. Never on a server that restarted since it took the run's claim or
   * rows: even one that keeps its data may have lost the last of them, and nobody would notice.
   */
  async send<T>(
    view: string,
    isState: boolean,
    attempt: (send: Send, server: string, isRepeated: boolean) => Promise<T>,
  ): Promise<T> {
    let giveUpAt: number | null = null;
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        const server = await this.#connection.incarnation();
        this.#requireSameServer(view, server, isState);
        return await attempt((commands) => this.#connection.send(commands, server), server, isRepeated);
      } catch (error) {
        giveUpAt ??= performance.now() + PATIENCE_MILLIS;
        const leftMillis = giveUpAt - performance.now();
        if (leftMillis <= 0 || !(isNoScript(error) || isPassing(error))) throw toldOrForgetful(error);
        if (isNoScript(error)) await this.#loadScripts().catch(unlessRefused);
        else await this.#pause(leftMillis);
      }
    }
  }

  async #pause(mostMillis: number): Promise<void> {
    await sleep(Math.min(PAUSE_MILLIS, mostMillis));
    await this.#connection.untilUp(mostMillis);
  }

  #requireSameServer(view: string, server: string, isState: boolean): void {
    const before = this.#writtenTo.get(view);
    if (before === undefined || before.server === server || (isState && !before.hasRows)) return;
    this.#writtenTo.delete(view);
    throw mayHaveLost(view, this.#connection.address.text);
  }

  async #loadScripts(): Promise<void> {
    await this.#connection.send(loadScripts());
  }
}

/** A run that wrote rows of the view must not go on: nothing else would notice the lost rows. */
export const mayHaveLost = (view: string, where: string): PlumbError =>
  new PlumbError(
    'STORE_UNAVAILABLE',
    `Redis at ${where} restarted while rows of ${view} were written, and may have lost some: run it again`,
    {
      details: { restarted: true },
      privateDetails: { store: where },
      publicMessage: `The online store restarted while rows of ${view} were written, and may have lost some: run it again`,
    },
  );

/** Scripts that cannot be loaded for now are asked for again; a user who may not load any is told. */
export function unlessRefused(error: unknown): void {
  if (!isPassing(error)) throw error;
}

/** What may be over in a moment. */
export const isPassing = (error: unknown): boolean =>
  isUnavailable(error) && ['restarted', 'closed', 'replicas'].every((why) => !(why in (error as PlumbError).details));

/** Asks again while Redis is away or busy, for as long as a write goes on trying. */
export async function askedPatiently<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MILLIS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || performance.now() >= giveUpAt) throw error;
      await sleep(PAUSE_MILLIS);
    }
  }
}

/** A server that forgets its scripts again and again. */
export const toldOrForgetful = (error: unknown): unknown =>
  isNoScript(error)
    ? new PlumbError('STORE_UNAVAILABLE', 'Redis forgets its scripts again and again: try later')
    : error;
