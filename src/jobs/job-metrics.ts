// Jobs, and what a server measures of them.
import { JOB_KINDS, type Job } from '../../schemas/wire-types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { Jobs, type JobsOptions } from './jobs.ts';

export function measuredJobs(options: Omit<JobsOptions, 'onEnded'>, telemetry: Telemetry): Jobs {
  const ended = telemetry.counter({
    name: 'plumb_jobs_ended_total',
    help: 'Jobs of this server that ended.',
    labelNames: ['kind', 'status'],
  });
  const jobs = new Jobs({ ...options, onEnded: ({ kind, status }) => ended.increment({ kind, status }) });
  telemetry.gauge({
    name: 'plumb_jobs',
    help: 'Jobs of this server that wait or run.',
    labelNames: ['kind', 'status'],
    collect: () => jobSamples(jobs.active()),
  });
  return jobs;
}

const jobSamples = (jobs: readonly Job[]) =>
  JOB_KINDS.flatMap((kind) =>
    (['queued', 'running'] as const).map((status) => {
      const value = jobs.filter((job) => job.kind === kind && job.status === status).length;
      return { labels: { kind, status }, value };
    }),
  );
