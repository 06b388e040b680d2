// Schedules as any server on the storage shows them, pauses them and runs them by hand, whichever one leads.
import type { Job, ScheduledRun, SchedulePage, Schedule as WireSchedule } from '../../schemas/wire-types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { unknownName } from '../catalog/look-up.ts';
import { formatDuration, formatInstant, nowMicros } from '../instant.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { type Leases, SCHEDULE_LEASE } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { HeldView } from './held-view.ts';
import { ScheduleRecords } from './schedule-records.ts';
import { type DeclaredCommand, type Schedule, schedulesOf } from './schedules.ts';
import { jobOf } from './started-job.ts';
import { newestDue, nextDue } from './timing.ts';

export interface BoardPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly commands: readonly DeclaredCommand[];
  readonly store: ObjectStore;
  readonly leases: Leases;
  readonly jobs: JobQueue;
  readonly held: () => Promise<readonly HeldView[]>;
}

export class ScheduleBoard {
  readonly #ports: BoardPorts;
  readonly #records: ScheduleRecords;

  constructor(ports: BoardPorts) {
    this.#ports = ports;
    this.#records = new ScheduleRecords(ports.store);
  }

  /** By name. */
  async names(): Promise<readonly string[]> {
    return (await this.#schedules()).map(({ name }) => name);
  }

  /** Those of the names. */
  async show(names: readonly string[]): Promise<readonly WireSchedule[]> {
    const schedules = (await this.#schedules()).filter(({ name }) => names.includes(name));
    const paused = await this.#records.paused();
    return await Promise.all(schedules.map((schedule) => this.#stateOf(schedule, paused.has(schedule.name))));
  }

  /** null where none shows life. */
  async scheduler(): Promise<SchedulePage['scheduler']> {
    const holders = await this.#ports.leases.holders(SCHEDULE_LEASE);
    const leader = holders.find(({ name, isDamaged }) => name === SCHEDULE_LEASE && isDamaged !== true);
    return leader === undefined ? null : { host: leader.host, pid: leader.pid, since: leader.acquiredAt };
  }

  /** A run that goes on is not stopped: what it started is finished. */
  async pause(name: string): Promise<WireSchedule> {
    const schedule = await this.#require(name);
    await this.#records.pause(name);
    return await this.#stateOf(schedule, true);
  }

  async resume(name: string): Promise<WireSchedule> {
    const schedule = await this.#require(name);
    await this.#records.resume(name);
    return await this.#stateOf(schedule, false);
  }

  /** Now, paused or not, in this server: a view as of now, as `plumb materialize` would. */
  async run(name: string): Promise<Job> {
    return await this.#ports.jobs.create(jobOf(await this.#require(name), nowMicros(), true));
  }

  async #schedules(): Promise<readonly Schedule[]> {
    const { catalog, commands, held } = this.#ports;
    return schedulesOf(await catalog(), commands, await held());
  }

  async #require(name: string): Promise<Schedule> {
    const schedules = await this.#schedules();
    const found = schedules.find((schedule) => schedule.name === name);
    if (found !== undefined) return found;
    throw unknownName(
      'schedule',
      name,
      schedules.map((schedule) => schedule.name),
    );
  }

  async #stateOf(schedule: Schedule, paused: boolean): Promise<WireSchedule> {
    const { name, kind, timing, catchUp, problem } = schedule;
    const now = nowMicros();
    return {
      ...{ name, kind, catchUp, paused, problem },
      cron: timing.kind === 'cron' ? timing.cron : null,
      refresh:
        timing.kind === 'refresh'
          ? { every: formatDuration(timing.everyMicros), delay: formatDuration(timing.delayMicros) }
          : null,
      run: schedule.kind === 'command' ? schedule.run : null,
      expected: instant(newestDue(timing, now)),
      next: instant(nextDue(timing, now)),
      lastRun: await this.#lastRun(name),
    };
  }

  async #lastRun(name: string): Promise<ScheduledRun | null> {
    return (await this.#records.read(name))?.lastRun ?? null;
  }
}

const instant = (micros: bigint | null): string | null => (micros === null ? null : formatInstant(micros));
