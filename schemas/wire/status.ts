// GET /v1/status
import { z } from 'zod';
import type { ProjectStatus, StreamState, ViewState } from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { boundToField, materializationRunSchema } from './materializations.ts';

const streamStateSchema = z
  .object({
    source: z.string(),
    isLive: z.boolean().describe('False while it is filled for the first time: lookups are refused meanwhile.'),
    isFilling: z.boolean().describe('Another generation is filled beside the live one.'),
    lagEvents: z
      .int()
      .nullable()
      .describe('Events in the log that are not applied; null where the log cannot be read from here.'),
    lagSeconds: z.number().nullable().describe('Since the first of them was received; 0 where there is none.'),
  })
  .describe('Of a view that a stream feeds; absent of others.') satisfies z.ZodType<StreamState>;

const viewStateSchema = z.object({
  view: z.string(),
  boundTo: boundToField(),
  kind: z.enum(['row', 'aggregate']),
  online: z.boolean().describe('False: in training sets only (`online: false`).'),
  watermark: instantAnswer()
    .nullable()
    .describe('The `until` of its last run, or up to when events of its stream are applied; null where there is none.'),
  stream: streamStateSchema.optional(),
  freshnessSeconds: z
    .number()
    .nullable()
    .describe('From the watermark to the clock of the server; of a view that a stream feeds how far it is behind.'),
  expectedRun: instantAnswer()
    .nullable()
    .describe(
      'When the newest run that should have been was due; null where nothing is scheduled, or nothing was due yet.',
    ),
  overdueSeconds: z
    .number()
    .nullable()
    .describe('Since the first run that should have been and was not; 0: none is missing; null: nothing is scheduled.'),
  generation: z.string().nullable(),
  changed: z.boolean().describe('The definition changed since the live generation was filled.'),
  emptied: z.boolean().describe('Runs succeeded, but the online store has nothing of the view.'),
  pendingRun: z.string().nullable().describe('A run that did not finish publishing; the next one completes it.'),
  runningBy: z
    .object({
      host: z.string(),
      pid: z.int(),
      purpose: z.string(),
      acquiredAt: z.string(),
      isDamaged: z.literal(true).optional(),
    })
    .nullable()
    .describe('Who runs it now.'),
  lastRuns: z.array(materializationRunSchema).describe('Newest first, at most 10.'),
  unread: z
    .string()
    .nullable()
    .describe('Source files that changed where incremental runs do not look, and what to do.'),
  damaged: z.array(z.string()).describe('Stored objects that cannot be read, and what to do with each.'),
}) satisfies z.ZodType<ViewState>;

export const projectStatusSchema = z
  .object({
    project: z.string(),
    version: z.int().describe('Of the registry.'),
    views: z.array(viewStateSchema).describe('In definition order.'),
  })
  .describe('How far each view is materialized.') satisfies z.ZodType<ProjectStatus>;
