// Where one value of a lookup comes from.
import { z } from 'zod';
import { STATUSES } from '../types.ts';
import type { Explanation } from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { valueSchema } from './value.ts';

const status = () => z.enum(STATUSES);

const windowSchema = z.object({
  from: instantAnswer().nullable().describe('null: unbounded.'),
  to: instantAnswer(),
  includesTo: z.boolean(),
  oldest: instantAnswer()
    .nullable()
    .describe("Of a row view: rows before it are too old at the lookup's instant. null: no ttl."),
});

const rowSchema = z.object({
  file: z
    .string()
    .describe(
      'As the project names it, or s3://bucket/key; of a source with an absolute path without the folders above.',
    ),
  eventTime: instantAnswer(),
  createdTime: instantAnswer().nullable(),
  columns: z.record(z.string(), valueSchema).describe('Those that the view reads.'),
});

const runSchema = z.object({
  id: z.string().describe('As GET /v1/runs/{id} takes it.'),
  generation: z.string(),
  watermark: instantAnswer(),
});

export const explanationSchema = z
  .object({
    name: z.string().describe('The output name.'),
    view: z.string(),
    feature: z.string(),
    value: valueSchema,
    status: status(),
    recomputed: z.object({ value: valueSchema, status: status() }).describe('What the rows come to.'),
    equal: z.boolean().describe('Whether that is the answer.'),
    notes: z.array(z.string()).describe('What may be why it is not; how many rows came since the run.'),
    effectiveTime: instantAnswer().describe(
      'Of the run that serves it; of a scheduled view a boundary, of a continuous aggregate view the instant of the lookup.',
    ),
    scheduled: z.boolean(),
    window: windowSchema,
    rows: z.array(rowSchema).describe('Those that count, newest first: of a row view the first one gives the value.'),
    rowsTotal: z.int().describe('`rows` has the first 100 of them.'),
    rowsLater: z.int().describe("Rows that a run at the lookup's instant would see, and the run that serves did not."),
    run: runSchema,
    defaultApplied: z.boolean(),
  })
  .describe('Where one value comes from, computed anew from its rows') satisfies z.ZodType<Explanation>;
