// What the one scheduler of a storage does again and again: sees how started runs ended, and starts what is due.
//
//   due ─▶ running ─▶ succeeded                       handled: the next one is a later one
//             │ failed ─▶ retrying ─▶ running …       after a pause that doubles
//             └────────▶ failed                       given up: handled, and somebody is told
//
// Whether a view was run is read from its watermark, so a run by hand counts, and nothing is forgotten with a process.
import { ERRORS, PlumbError } from '../../schemas/errors.ts';
import type { Job, ScheduledRun } from '../../schemas/wire-types.ts';
import { backoffMillis } from '../backoff.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { formatInstant, parseInstant } from '../instant.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { dueRun, type Standing } from './due-run.ts';
import { type HeldView, scheduleNameOf } from './held-view.ts';
import { readMaterialized } from './materialized.ts';
import type { ScheduleRecord, ScheduleRecords } from './schedule-records.ts';
import { type DeclaredCommand, type Schedule, schedulesOf } from './schedules.ts';
import { jobOf } from './started-job.ts';

export interface RoundPorts {
  readonly catalog: () => Promise<Catalog>;
  readonly commands: readonly DeclaredCommand[];
  readonly online: Pick<OnlineStore, 'read'>;
  readonly held: () => Promise<readonly HeldView[]>;
  readonly jobs: JobQueue;
  readonly records: ScheduleRecords;
  /** Runs under way at most: the rest of the queue of jobs is for clients. */
  readonly mostUnderWay: number;
  readonly nowMicros: () => bigint;
  readonly onEnded: (schedule: Schedule, run: ScheduledRun) => void;
}

export const MOST_ATTEMPTS = 4;
const RETRY = { firstMillis: 20_000, longestMillis: 600_000 };

export class Rounds {
  readonly #ports: RoundPorts;
  /** As this process knows them: nobody else writes them while it leads. */
  readonly #known = new Map<string, ScheduleRecord | null>();
  /** Started by this process. */
  readonly #own = new Set<string>();

  constructor(ports: RoundPorts) {
    this.#ports = ports;
  }

  /** `requireLead` rejects where somebody else leads meanwhile: called before anything is started. */
  async round(requireLead: () => Promise<void>): Promise<void> {
    const { catalog, commands, records } = this.#ports;
    const current = await catalog();
    const held = await this.#ports.held();
    const schedules = schedulesOf(current, commands, held);
    for (const { name } of schedules) if (!this.#known.has(name)) this.#known.set(name, await records.read(name));
    // Jobs before watermarks: what a job that has ended did then shows.
    const jobs = await this.#jobsOf(schedules);
    const watermarks = new Map([...(await this.#watermarks(current, schedules)), ...watermarksOf(held)]);
    for (const schedule of schedules) await this.#see(schedule, jobs, watermarks.get(schedule.name) ?? null);
    const paused = await records.paused();
    let free = this.#ports.mostUnderWay - schedules.filter(({ name }) => this.#runs(name)).length;
    for (const { schedule, due } of this.#dueRuns(schedules, watermarks, paused)) {
      if (free <= 0) return;
      await requireLead();
      if (!(await this.#start(schedule, due.dueMicros, due.failures))) return;
      free -= 1;
    }
  }

  #runs(name: string): boolean {
    return this.#known.get(name)?.lastRun?.status === 'running';
  }

  /** Of views whose live values are of the present definition. */
  async #watermarks(catalog: Catalog, schedules: readonly Schedule[]): Promise<ReadonlyMap<string, bigint>> {
    const views = schedules.flatMap(({ kind, name }) => (kind === 'view' ? (catalog.views.get(name) ?? []) : []));
    const found = await readMaterialized(this.#ports.online, views);
    return new Map(
      views.flatMap(({ name }, i) => {
        const { watermarkMicros = null, isCurrent = false } = found[i] ?? {};
        return isCurrent && watermarkMicros !== null ? [[name, watermarkMicros]] : [];
      }),
    );
  }

  /** The oldest first. */
  #dueRuns(schedules: readonly Schedule[], watermarks: ReadonlyMap<string, bigint>, paused: ReadonlySet<string>) {
    return schedules
      .filter(({ name }) => !paused.has(name) && !this.#runs(name))
      .flatMap((schedule) => {
        const standing = standingOf(this.#known.get(schedule.name) ?? null, watermarks.get(schedule.name) ?? null);
        const due = dueRun(schedule, standing, this.#ports.nowMicros());
        return due === null ? [] : [{ schedule, due }];
      })
      .toSorted((a, b) => (a.due.dueMicros < b.due.dueMicros ? -1 : 1));
  }

  async #see(schedule: Schedule, jobs: ReadonlyMap<string, Job | null>, watermarkMicros: bigint | null): Promise<void> {
    const { name, fingerprint, kind } = schedule;
    const known = this.#known.get(name) ?? null;
    if (known?.lastRun?.status === 'running')
      await this.#seeRun(schedule, { ...known, lastRun: known.lastRun }, jobs.get(name) ?? null, watermarkMicros);
    if (this.#known.get(name)?.fingerprint === fingerprint || this.#runs(name)) return;
    // A command that is new here is not late: it is first run when it is next due. A view is wanted as soon as it is defined.
    const handledMicros = kind === 'command' ? this.#ports.nowMicros() : null;
    await this.#keep(name, { fingerprint, handledMicros, lastRun: null });
  }

  async #seeRun(
    schedule: Schedule,
    known: ScheduleRecord & { readonly lastRun: ScheduledRun },
    job: Job | null,
    watermarkMicros: bigint | null,
  ): Promise<void> {
    const isAlive = job?.status === 'queued' || job?.status === 'running';
    // A view is not waited for where its job is a former leader's: its lease lets one run at a time, and a second one follows.
    if (isAlive && (schedule.kind === 'command' || this.#own.has(job.id))) return;
    const dueMicros = parseInstant(known.lastRun.due) ?? 0n;
    const isReached = watermarkMicros !== null && watermarkMicros >= dueMicros;
    const run = { ...known.lastRun, finishedAt: formatInstant(this.#ports.nowMicros()), retryAt: null, error: null };
    if (isReached) await this.#ended(schedule, known, { ...run, status: 'succeeded' });
    // A view that was skipped, or a command, has no watermark that says so.
    else if (job?.status === 'succeeded')
      await this.#ended(schedule, { ...known, handledMicros: dueMicros }, { ...run, status: 'succeeded' });
    else if (job?.status === 'cancelled' && this.#own.has(job.id))
      await this.#ended(
        schedule,
        { ...known, handledMicros: dueMicros },
        { ...run, status: 'cancelled', error: job.error },
      );
    else await this.#failed(schedule, known, { ...run, error: job?.error ?? INTERRUPTED }, dueMicros);
  }

  /** Of those whose run is not known to have ended. */
  async #jobsOf(schedules: readonly Schedule[]): Promise<ReadonlyMap<string, Job | null>> {
    const jobs = new Map<string, Job | null>();
    for (const { name } of schedules) {
      const run = this.#known.get(name)?.lastRun;
      if (run?.status === 'running') jobs.set(name, await this.#job(run.job));
    }
    return jobs;
  }

  /** null where its record is gone. */
  async #job(id: string): Promise<Job | null> {
    try {
      return await this.#ports.jobs.get(id);
    } catch (error) {
      if (error instanceof PlumbError && error.code === 'UNKNOWN_NAME') return null;
      throw error;
    }
  }

  async #failed(schedule: Schedule, known: ScheduleRecord, finished: ScheduledRun, dueMicros: bigint): Promise<void> {
    const failures = finished.failures + 1;
    if (failures >= MOST_ATTEMPTS || !maySucceedLater(finished))
      return await this.#ended(
        schedule,
        { ...known, handledMicros: dueMicros },
        { ...finished, failures, status: 'failed' },
      );
    // The leader before this one ended, and its job with it: no reason to wait.
    const pauseMillis = this.#own.has(finished.job) ? backoffMillis(failures, RETRY) : 0;
    const retryAt = formatInstant(this.#ports.nowMicros() + BigInt(Math.round(pauseMillis)) * 1000n);
    await this.#keep(schedule.name, { ...known, lastRun: { ...finished, failures, status: 'retrying', retryAt } });
  }

  async #ended(schedule: Schedule, known: ScheduleRecord, run: ScheduledRun): Promise<void> {
    this.#own.delete(run.job);
    await this.#keep(schedule.name, { ...known, lastRun: run });
    this.#ports.onEnded(schedule, run);
  }

  /** False where the queue is full: later then. */
  async #start(schedule: Schedule, dueMicros: bigint, failures: number): Promise<boolean> {
    const { jobs, nowMicros } = this.#ports;
    const known = this.#known.get(schedule.name);
    let job: Job;
    try {
      job = await jobs.create(jobOf(schedule, dueMicros));
    } catch (error) {
      if (error instanceof PlumbError && error.code === 'TOO_MANY_REQUESTS') return false;
      throw error;
    }
    this.#own.add(job.id);
    const started = { due: formatInstant(dueMicros), job: job.id, failures, startedAt: formatInstant(nowMicros()) };
    const lastRun: ScheduledRun = { ...started, status: 'running', finishedAt: null, retryAt: null, error: null };
    const { fingerprint } = schedule;
    await this.#keep(schedule.name, { fingerprint, handledMicros: known?.handledMicros ?? null, lastRun });
    return true;
  }

  async #keep(name: string, record: ScheduleRecord): Promise<void> {
    // In memory first: where the storage fails now, the next change writes it.
    this.#known.set(name, record);
    await this.#ports.records.write(name, record);
  }
}

const INTERRUPTED = { code: 'INTERRUPTED', message: 'the server that had the job ended', details: {} } as const;

/** A wrong request stays wrong until somebody changes it. */
function maySucceedLater({ error }: ScheduledRun): boolean {
  if (error === null) return true;
  return error.code === 'COMMAND_FAILED' ? error.details.exitCode !== 2 : ERRORS[error.code].exit !== 2;
}

const watermarksOf = (held: readonly HeldView[]): readonly (readonly [string, bigint])[] =>
  held.flatMap((one) => (one.generation === null ? [] : [[scheduleNameOf(one), one.generation.watermarkMicros]]));

function standingOf(record: ScheduleRecord | null, watermarkMicros: bigint | null): Standing {
  const { handledMicros = null, lastRun = null } = record ?? {};
  const retry =
    lastRun?.status === 'retrying'
      ? {
          dueMicros: parseInstant(lastRun.due) ?? 0n,
          failures: lastRun.failures,
          atMicros: parseInstant(lastRun.retryAt ?? lastRun.due) ?? 0n,
        }
      : null;
  return { handledMicros: later(handledMicros, watermarkMicros), retry };
}

function later(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
