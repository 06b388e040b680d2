// POST /v1/erasures, GET /v1/erasures[/{id}]
import { z } from 'zod';
import type { ErasurePage, ErasureReport, ErasureRequest, ErasureSummary } from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { nextField } from './pages.ts';

const count = () => z.int().min(0);

/** Of one request, and so of one record. */
export const MOST_ERASED_KEYS = 1000;

export const erasureRequestSchema = z
  .strictObject({
    entity: z.string().describe('The name of an entity.'),
    keys: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(MOST_ERASED_KEYS)
      .describe('Its join keys by name, one object for each key: `{"user_id": 7}`.'),
  })
  .describe('POST /v1/erasures') satisfies z.ZodType<ErasureRequest>;

const rewritten = {
  parts: count().describe('Parquet files that held a key.'),
  rows: count().describe('Rows of these keys in them.'),
  bytes: count().describe('Of these files, before they were rewritten.'),
};

export const erasureReportSchema = z
  .object({
    id: z.string().nullable().describe('null: a dry run, which leaves no record.'),
    entity: z.string(),
    keys: count(),
    before: instantAnswer().describe('Rows of these keys stamped before it count nowhere any more.'),
    dryRun: z.boolean().describe('Nothing was changed: the numbers are those of now.'),
    finishedAt: instantAnswer(),
    views: z.array(
      z.object({
        view: z.string(),
        online: count().describe('Entries of the online store.'),
        runs: count().describe('Runs that have such parts.'),
        ...rewritten,
      }),
    ),
    datasets: z.array(z.object({ name: z.string(), version: z.int().min(1), ...rewritten })),
    reports: z
      .object({ reports: count(), examples: count() })
      .describe('Reports of verifications, and the examples in them that named a key.'),
    sources: z
      .array(
        z.object({
          source: z.string(),
          rows: count().nullable().describe('null: too much to be read for this; `why` says so.'),
          files: z.array(z.object({ path: z.string(), rows: count() })).describe('Some of them, those with most rows.'),
          why: z.string().nullable(),
        }),
      )
      .describe('Files that Plumb reads and does not own: they hold the keys still.'),
    left: z.array(z.object({ what: z.string(), why: z.string() })).describe('What else may hold a key still.'),
  })
  .describe('What an erasure removed, and what it could not.') satisfies z.ZodType<ErasureReport>;

export const erasureSchema = z
  .object({
    id: z.string(),
    entity: z.string(),
    keys: count().describe('How many; the keys themselves are not told.'),
    before: instantAnswer(),
    status: z.enum(['pending', 'done']).describe('pending: rows count nowhere; what Plumb owns may hold them still.'),
    report: erasureReportSchema.nullable().describe('Once it is done.'),
  })
  .describe('Keys of an entity that were erased.') satisfies z.ZodType<ErasureSummary>;

export const erasurePageSchema = z
  .object({ erasures: z.array(erasureSchema).describe('Newest first.'), next: nextField() })
  .describe('200 of GET /v1/erasures') satisfies z.ZodType<ErasurePage>;
