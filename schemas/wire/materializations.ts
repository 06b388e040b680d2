// POST /v1/materializations, and what runs report.
import { z } from 'zod';
import type { MaterializationMode, MaterializationRequest, MaterializationRun, RunError } from '../wire-types.ts';
import { errorCodes } from './error.ts';
import { instantAnswer, instantField } from './instant.ts';

export const MATERIALIZATION_MODES = [
  'incremental',
  'full',
  'from_snapshot',
] as const satisfies readonly MaterializationMode[];

export const materializationRequestSchema = z
  .strictObject({
    views: z
      .array(z.string({ error: 'the name of a feature view' }), { error: 'a list of feature views' })
      .min(1, { error: 'at least one feature view' })
      .describe('Default: the views that a service reads.')
      .optional(),
    service: z
      .string({ error: 'the name of a feature service' })
      .describe('The views that this service reads, instead of `views`.')
      .optional(),
    until: instantField().describe('Compute the values of this instant; default: now.').optional(),
    allowFuture: z
      .boolean({ error: 'true or false' })
      .describe('Lets `until` lie more than a day after the clock of the server; default false.')
      .optional(),
    mode: z
      .enum(MATERIALIZATION_MODES)
      .describe('`full` builds a new generation, `from_snapshot` computes nothing; default incremental.')
      .optional(),
  })
  .describe('POST /v1/materializations') satisfies z.ZodType<MaterializationRequest>;

const count = () => z.int().min(0);

export const runErrorSchema = z.object({ code: z.enum(errorCodes), message: z.string() }) satisfies z.ZodType<RunError>;

export const sourceFilesSchema = z.object({
  total: count(),
  scanned: count(),
  rowGroupsTotal: count(),
  rowGroupsScanned: count(),
});

export const invalidValuesField = () => z.record(z.string(), count()).describe('Values served as INVALID, by feature.');

/** Of runs and states alike. */
export const boundToField = () =>
  z
    .array(z.string())
    .describe(
      'Of a former definition: the bound training sets, `name@version`, that its generation is held for. Absent: of the present one.',
    )
    .optional();

export const materializationRunSchema = z
  .object({
    view: z.string(),
    boundTo: boundToField(),
    run: z.string(),
    mode: z.enum(MATERIALIZATION_MODES),
    outcome: z.enum(['succeeded', 'skipped', 'failed']),
    notice: z.string().nullable().describe('Why it was skipped or failed, or what to know of it.'),
    error: runErrorSchema.nullable().describe('Why it failed; absent in records of older versions.').optional(),
    generation: z.string().nullable(),
    until: instantAnswer(),
    startedAt: instantAnswer(),
    finishedAt: instantAnswer(),
    rowsScanned: count(),
    rowsWritten: count(),
    tombstonesWritten: count(),
    invalidValues: invalidValuesField(),
    sourceFiles: sourceFilesSchema,
  })
  .describe('What one run of one view did.') satisfies z.ZodType<MaterializationRun>;
