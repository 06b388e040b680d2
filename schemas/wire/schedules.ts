// GET /v1/schedules, POST /v1/schedules/{name}/pause|resume|run
import { z } from 'zod';
import type { Schedule, ScheduledRun, SchedulePage } from '../wire-types.ts';
import { wireErrorSchema } from './error.ts';
import { instantAnswer } from './instant.ts';
import { nextField } from './pages.ts';

export const scheduledRunSchema = z.object({
  due: instantAnswer().describe('When it was due, RFC 3339, UTC; a view is materialized as of this instant.'),
  job: z.string().describe('See /v1/jobs/{id}.'),
  status: z
    .enum(['running', 'succeeded', 'retrying', 'failed', 'cancelled'])
    .describe('`retrying`: it failed and is tried again. `failed`: given up until it is due again.'),
  failures: z.int().min(0).describe('Attempts that failed.'),
  startedAt: instantAnswer(),
  finishedAt: instantAnswer().nullable(),
  retryAt: instantAnswer().nullable(),
  error: wireErrorSchema.nullable(),
}) satisfies z.ZodType<ScheduledRun>;

export const scheduleSchema = z
  .object({
    name: z.string().describe('Of the feature view, or of the schedule in the project file.'),
    kind: z.enum(['view', 'command']),
    cron: z.string().nullable().describe('In UTC; null: by boundaries.'),
    refresh: z.object({ every: z.string(), delay: z.string() }).nullable(),
    run: z.string().nullable().describe('Of a command.'),
    catchUp: z.enum(['latest', 'each']),
    paused: z.boolean(),
    expected: instantAnswer().nullable().describe('The newest instant at which it was due.'),
    next: instantAnswer().nullable().describe('The next one.'),
    lastRun: scheduledRunSchema.nullable().describe('The last one that a scheduler started.'),
    problem: z.string().nullable().describe('What somebody has to mend; it is run all the same.'),
  })
  .describe('What is run by itself.') satisfies z.ZodType<Schedule>;

export const schedulePageSchema = z
  .object({
    scheduler: z
      .object({ host: z.string(), pid: z.int(), since: instantAnswer() })
      .nullable()
      .describe('Who runs them; null where no scheduler shows life.'),
    schedules: z.array(scheduleSchema).describe('By name.'),
    next: nextField(),
  })
  .describe('200 of GET /v1/schedules') satisfies z.ZodType<SchedulePage>;
