// GET /v1/status
import { z } from 'zod';
import type { ProjectStatus, ViewState } from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { boundToField, materializationRunSchema } from './materializations.ts';

const viewStateSchema = z.object({
  view: z.string(),
  boundTo: boundToField(),
  kind: z.enum(['row', 'aggregate']),
  online: z.boolean().describe('False: in training sets only (`online: false`).'),
  watermark: instantAnswer().nullable().describe('The `until` of its last run; null where it was never materialized.'),
  freshnessSeconds: z.number().nullable().describe('From the watermark to the clock of the server.'),
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
