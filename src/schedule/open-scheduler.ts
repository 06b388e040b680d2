// The scheduler of one server, with what it counts and whom it tells.
import type { ScheduledRun } from '../../schemas/wire-types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/config.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HeldView } from './held-view.ts';
import { Rounds } from './rounds.ts';
import { ScheduleRecords } from './schedule-records.ts';
import { Scheduler, type SchedulerLogger } from './scheduler.ts';
import type { Schedule } from './schedules.ts';
import { Webhook } from './webhook.ts';

export interface SchedulerPorts {
  readonly config: Pick<Config, 'project' | 'schedules' | 'notify' | 'leaseTermMillis' | 'server'>;
  readonly catalog: () => Promise<Catalog>;
  readonly online: OnlineStore;
  readonly held: () => Promise<readonly HeldView[]>;
  readonly store: ObjectStore;
  readonly leases: Leases;
  readonly jobs: JobQueue;
  readonly telemetry: Telemetry;
  readonly logger: SchedulerLogger;
}

/** A contender that looks so often sees a lease that stands still for a term soon after it stopped. */
const LOOKS_PER_TERM = 10;

export function openScheduler(ports: SchedulerPorts): AsyncDisposable {
  const { config, telemetry, logger, store, leases } = ports;
  const ended = telemetry.counter({
    name: 'plumb_schedule_runs_total',
    help: 'Runs of schedules that ended, as this server saw them: succeeded, failed (given up) or cancelled.',
    labelNames: ['schedule', 'status'],
  });
  let untold = 0;
  const webhook = new Webhook({ url: config.notify.url, logger, onDropped: () => void untold++ });
  const onEnded = (schedule: Schedule, run: ScheduledRun): void => {
    ended.increment({ schedule: schedule.name, status: run.status });
    if (run.status !== 'failed') return;
    logger.error({ schedule: schedule.name, job: run.job, code: run.error?.code }, 'a schedule failed and is given up');
    webhook.tell(failureMessage(config.project, schedule, run));
  };
  const records = new ScheduleRecords(store);
  // One waits behind each that runs, so that none is waited for.
  const mostUnderWay = 2 * config.server.concurrentJobs;
  const newRounds = () =>
    new Rounds({ ...ports, commands: config.schedules, records, mostUnderWay, nowMicros, onEnded });
  const lookMillis = config.leaseTermMillis / LOOKS_PER_TERM;
  const scheduler = new Scheduler({ leases, newRounds, logger, lookMillis });
  telemetry.gauge({
    name: 'plumb_scheduler_leads',
    help: '1 where this server runs the schedules, 0 where another one does.',
    collect: () => [{ labels: {}, value: Number(scheduler.leads) }],
  });
  telemetry.readCounter({
    name: 'plumb_notifications_failed_total',
    help: 'Failures that notify.url was not told of.',
    collect: () => [{ labels: {}, value: untold }],
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await scheduler[Symbol.asyncDispose]();
      await webhook[Symbol.asyncDispose]();
    },
  };
}

const MOST_CHARACTERS = 2000;

/** What notify.url is sent: words that a client may read, and few. */
const failureMessage = (project: string, schedule: Schedule, run: ScheduledRun) => ({
  event: 'schedule_failed',
  project,
  schedule: schedule.name,
  kind: schedule.kind,
  due: run.due,
  attempts: run.failures,
  job: run.job,
  error: run.error && { code: run.error.code, message: run.error.message.slice(0, MOST_CHARACTERS) },
  at: formatInstant(nowMicros()),
});
