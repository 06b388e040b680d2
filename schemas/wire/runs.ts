// GET /v1/runs, GET /v1/runs/{id}
import { z } from 'zod';
import { RUN_STATES, type Run, type RunDetails, type RunLogLine, type RunPage, type RunPhase } from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { invalidValuesField, MATERIALIZATION_MODES, runErrorSchema, sourceFilesSchema } from './materializations.ts';
import { nextField, pageQuerySchema } from './pages.ts';

const count = () => z.int().min(0);

export const runsQuerySchema = pageQuerySchema.extend({
  view: z.string().describe('Only runs of this feature view.').optional(),
  state: z
    .enum(RUN_STATES, { error: `one of ${RUN_STATES.join(', ')}` })
    .describe('Only runs in this state.')
    .optional(),
});

const runSchema = z.object({
  id: z.string().describe('`<view>-<run>`.'),
  view: z.string(),
  run: z.string().describe('Its number among the runs of the view, 8 digits.'),
  state: z.enum(RUN_STATES),
  mode: z.enum(MATERIALIZATION_MODES).nullable().describe('null: begun by an older version, and not ended.'),
  job: z.string().nullable().describe('The job that asked for it; null: a command did.'),
  startedAt: instantAnswer(),
  finishedAt: instantAnswer().nullable().describe('null while it runs, and where its process ended before it did.'),
  until: instantAnswer().nullable().describe('The values of this instant are computed.'),
  generation: z.string().nullable(),
  rowsScanned: count().describe('Rows are 0 until it has ended.'),
  rowsWritten: count(),
  tombstonesWritten: count(),
  notice: z.string().nullable().describe('What to know of it, or why it failed.'),
  error: runErrorSchema.nullable().describe('Of one that failed or was cancelled.'),
}) satisfies z.ZodType<Run>;

const phaseSchema = z.object({
  name: z.string(),
  startedAt: instantAnswer(),
  seconds: z.number().nullable().describe('null: it goes on, or the process ended in it.'),
  rows: count().nullable().describe('null where it has none.'),
}) satisfies z.ZodType<RunPhase>;

const logLineSchema = z.object({
  at: instantAnswer(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
}) satisfies z.ZodType<RunLogLine>;

export const runPageSchema = z
  .object({
    runs: z.array(runSchema).describe('Newest first. A page may hold fewer than `limit` and still have a next one.'),
    next: nextField(),
  })
  .describe('200 of GET /v1/runs') satisfies z.ZodType<RunPage>;

export const runDetailsSchema = runSchema
  .extend({
    interval: z
      .object({ from: instantAnswer().nullable().describe('null: minus infinity.'), to: instantAnswer() })
      .nullable()
      .describe('Event times that it read; null: it wrote nothing.'),
    boundary: instantAnswer().nullable().describe('Of a scheduled view: the boundary that it computed.'),
    chain: z.array(z.string()).describe('The runs whose parts together are the view as of this one, oldest first.'),
    invalidValues: invalidValuesField(),
    sourceFiles: sourceFilesSchema,
    parts: z
      .object({ files: count(), rows: count(), sizeBytes: count() })
      .describe('Parquet files that it wrote, those of tombstones among them.'),
    phases: z.array(phaseSchema).describe('In the order in which they began.'),
    log: z.array(logLineSchema).describe('At most some 200 lines.'),
  })
  .describe('One run: what it did, and how long each phase took.') satisfies z.ZodType<RunDetails>;
