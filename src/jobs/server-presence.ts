// Which servers live. A server with jobs says so again and again; where one stopped saying it, its jobs read as INTERRUPTED,
// and the next server that notices writes that down and removes what they had uploaded.
import { randomUUID } from 'node:crypto';
import { isEnded } from './job.ts';
import type { JobRecord, JobRecords } from './job-records.ts';
import { interrupted } from './job-states.ts';

export class ServerPresence {
  /** The name of this one. */
  readonly server: string = randomUUID();
  readonly #records: JobRecords;
  readonly #deadAfterMillis: number;
  #lastWord: Promise<void> = Promise.resolve();
  #sweptAtMillis = 0;

  /** `deadAfterMillis`: without a sign of life for so long. Clocks of servers may differ by less than that. */
  constructor(records: JobRecords, deadAfterMillis: number) {
    this.#records = records;
    this.#deadAfterMillis = deadAfterMillis;
  }

  showLife(): Promise<void> {
    return this.#inTurn(() => this.#records.beat(this.server, Date.now()));
  }

  /** Says that this server has no jobs, unless it has some by then. */
  rest(isIdle: () => boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (isIdle()) await this.#records.rest(this.server);
    });
  }

  /** The record, or that its server died. */
  async judged(record: JobRecord): Promise<JobRecord> {
    if (isEnded(record.job.status)) return record;
    if (record.owner !== this.server && (await this.#isAlive(record.owner))) return record;
    // Ended since it was read, and its server, which may be this one, rests: what was written before that counts.
    const now = (await this.#records.read(record.job.id)) ?? record;
    return isEnded(now.job.status) || now.owner === this.server ? now : interrupted(now);
  }

  /** Records the end of jobs whose server died. False where that was done a moment ago. */
  async buryTheDead(): Promise<boolean> {
    if (Date.now() - this.#sweptAtMillis < this.#deadAfterMillis) return false;
    this.#sweptAtMillis = Date.now();
    for (const server of await this.#records.servers()) {
      if (server === this.server || (await this.#isAlive(server))) continue;
      const records = await this.#records.readAll(await this.#records.ids(null));
      for (const record of records.filter(({ owner, job }) => owner === server && !isEnded(job.status))) {
        await this.#records.removeLabels(record.job.id);
        await this.#records.write(interrupted(record));
      }
      await this.#records.rest(server);
    }
    return true;
  }

  async #isAlive(server: string): Promise<boolean> {
    const aliveAtMillis = await this.#records.aliveAtMillis(server);
    return aliveAtMillis !== null && Date.now() - aliveAtMillis < this.#deadAfterMillis;
  }

  /** So that a sign of life is never removed by a rest that was decided before it. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#lastWord.then(action);
    this.#lastWord = done.catch(() => undefined);
    return done;
  }
}
