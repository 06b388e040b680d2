// One of the servers on a storage runs what is scheduled: the one with the lease. Where it ends, another one that waits takes
// its place: at once if it gave the lease back or died on the same machine, else when the lease is over.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../schemas/errors.ts';
import type { Lease, Leases } from '../storage/leases/lease.ts';
import { SCHEDULE_LEASE } from '../storage/leases/lease.ts';

export interface SchedulerLogger {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** A series of rounds under one lease. */
export interface Rounding {
  round(requireLead: () => Promise<void>): Promise<void>;
}

export interface SchedulerOptions {
  readonly leases: Leases;
  readonly newRounds: () => Rounding;
  readonly logger: SchedulerLogger;
  readonly roundMillis?: number;
  /** Between two looks at a lease that somebody else holds. */
  readonly lookMillis: number;
}

const ROUND_MILLIS = 2000;

export class Scheduler implements AsyncDisposable {
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #leads = false;
  #isEnding = false;
  /** The last failure that was told: one that lasts is told once. */
  #told = '';

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Gives the lease back; what was started goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { leases, lookMillis } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#isEnding) {
      try {
        await using lease = await leases.acquire(SCHEDULE_LEASE, { purpose: 'running the schedules', signal });
        await this.#lead(lease);
      } catch (error) {
        if (!isHeldByAnother(error)) this.#tell(error);
      }
      await this.#pause(lookMillis, signal);
    }
  }

  async #lead(lease: Lease): Promise<void> {
    const { newRounds, logger, roundMillis = ROUND_MILLIS } = this.#options;
    const ended = AbortSignal.any([this.#stop.signal, lease.signal]);
    const rounds = newRounds();
    const requireLead = (): Promise<void> => lease.assertHeld();
    logger.info({ token: lease.token }, 'this server runs the schedules');
    this.#leads = true;
    try {
      while (!ended.aborted) {
        try {
          await rounds.round(requireLead);
          if (this.#told !== '') logger.info({}, 'schedules are run again');
          this.#told = '';
        } catch (error) {
          this.#isEnding = isEnding(error);
          if (this.#isEnding) return;
          this.#tell(error);
        }
        await this.#pause(roundMillis, ended);
      }
    } finally {
      this.#leads = false;
      logger.info({ token: lease.token }, 'this server runs the schedules no more');
    }
  }

  async #pause(millis: number, signal: AbortSignal): Promise<void> {
    await sleep(millis, undefined, { signal }).catch(() => undefined);
  }

  #tell(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { logger } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#told) return;
    this.#told = reason;
    if (!(error instanceof PlumbError)) logger.error({ err: error }, 'internal error: schedules are not run');
    else logger.warn({ code: error.code }, `schedules are not run: ${reason}`);
  }
}

const isHeldByAnother = (error: unknown): boolean => error instanceof PlumbError && error.code === 'CONFLICT';
/** This server takes no jobs any more: another one is to lead. */
const isEnding = (error: unknown): boolean => error instanceof PlumbError && error.code === 'DRAINING';
