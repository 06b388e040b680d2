// GET and DELETE /v1/jobs/{id}, GET /v1/materializations[/{id}]; also the 202 of what makes jobs.
import { z } from 'zod';
import {
  type CommandJob,
  type DatasetJob,
  type ErasureJob,
  JOB_STATUSES,
  type Job,
  type JobProgress,
  type MaterializationJob,
  type MaterializationPage,
} from '../wire-types.ts';
import { immatureField } from './datasets.ts';
import { erasureReportSchema } from './erasures.ts';
import { wireErrorSchema } from './error.ts';
import { instantAnswer } from './instant.ts';
import { MATERIALIZATION_MODES, materializationRunSchema } from './materializations.ts';
import { nextField } from './pages.ts';

const progressSchema = z.object({
  phase: z.string(),
  view: z.string().nullable().describe('Of a materialization: the view at work.'),
  rowsDone: z.int().min(0),
  rowsTotal: z.int().min(0).nullable().describe('null while unknown.'),
}) satisfies z.ZodType<JobProgress>;

const stateFields = {
  id: z.string(),
  status: z.enum(JOB_STATUSES),
  createdAt: instantAnswer(),
  startedAt: instantAnswer().nullable(),
  finishedAt: instantAnswer().nullable(),
  progress: progressSchema.nullable().describe('null before the work starts.'),
  error: wireErrorSchema.nullable().describe('Of a failed or cancelled job.'),
};

export const datasetJobSchema = z
  .object({
    ...stateFields,
    kind: z.literal('dataset'),
    request: z.object({ service: z.string(), name: z.string(), timestampColumn: z.string() }),
    result: z
      .object({
        name: z.string(),
        version: z.int().min(1),
        rows: z.int().min(0),
        warnings: z.array(z.string()).describe('Signs that the set holds its own target; absent: none.').optional(),
        immature: immatureField().optional(),
      })
      .nullable()
      .describe('Of a job that succeeded.'),
  })
  .describe('A training set being made.') satisfies z.ZodType<DatasetJob>;

export const materializationJobSchema = z
  .object({
    ...stateFields,
    kind: z.literal('materialization'),
    request: z.object({
      views: z.array(z.string()).nullable().describe('null: those that a service reads.'),
      service: z.string().describe('The service whose views they are; absent: `views`, or any service.').optional(),
      until: instantAnswer(),
      mode: z.enum(MATERIALIZATION_MODES),
    }),
    result: z
      .object({ runs: z.array(materializationRunSchema) })
      .nullable()
      .describe('Of a job that ended by itself: one entry per view. A view that failed makes the job `failed`.'),
  })
  .describe('Views being materialized.') satisfies z.ZodType<MaterializationJob>;

export const commandJobSchema = z
  .object({
    ...stateFields,
    kind: z.literal('command'),
    request: z.object({ schedule: z.string(), run: z.string().describe('As in the project file.') }),
    result: z.object({ exitCode: z.int() }).nullable().describe('Of a job that succeeded.'),
  })
  .describe('A command of a schedule being run.') satisfies z.ZodType<CommandJob>;

export const erasureJobSchema = z
  .object({
    ...stateFields,
    kind: z.literal('erasure'),
    request: z.object({ erasures: z.array(z.string()).describe('Their ids, as at /v1/erasures.') }),
    result: z
      .object({ reports: z.array(erasureReportSchema) })
      .nullable()
      .describe('Of a job that succeeded: one for each.'),
  })
  .describe('What Plumb owns being rewritten without erased keys.') satisfies z.ZodType<ErasureJob>;

export const jobSchema = z.discriminatedUnion('kind', [
  datasetJobSchema,
  materializationJobSchema,
  commandJobSchema,
  erasureJobSchema,
]) satisfies z.ZodType<Job>;

export const materializationPageSchema = z
  .object({
    materializations: z.array(materializationJobSchema).describe('Newest first.'),
    next: nextField(),
  })
  .describe('200 of GET /v1/materializations') satisfies z.ZodType<MaterializationPage>;
