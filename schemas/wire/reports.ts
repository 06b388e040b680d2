// GET /v1/reports, GET /v1/reports/{id}
import { z } from 'zod';
import { STATUSES } from '../types.ts';
import type {
  MovedFeature,
  ReportPage,
  VerifyChanges,
  VerifyExample,
  VerifyFeature,
  VerifyReport,
  VerifyReportSummary,
} from '../wire-types.ts';
import { instantAnswer } from './instant.ts';
import { nextField } from './pages.ts';

const count = () => z.int().min(0);

const featureSchema = z.object({
  feature: z.string().describe('`view:feature`.'),
  compared: count(),
  differs: count(),
  maxAbs: z
    .number()
    .nullable()
    .describe('The greatest distance of two numbers, equal ones among them; null: the feature is no number.'),
}) satisfies z.ZodType<VerifyFeature>;

const exampleSchema = z.object({
  feature: z.string(),
  entity: z.record(z.string(), z.unknown()).describe("The view's join keys."),
  at: instantAnswer(),
  training: z.unknown(),
  serving: z.unknown(),
  trainingStatus: z.enum(STATUSES).describe('Where the statuses differ: what training says it must be.').optional(),
  servingStatus: z.enum(STATUSES).optional(),
}) satisfies z.ZodType<VerifyExample>;

const reasonsSchema = z.array(z.object({ view: z.string(), reason: z.string() }));

const movedSchema = z.object({
  feature: z.string().describe('`view:feature`.'),
  services: z.array(z.string()),
  keys: count().describe('That were asked for.'),
  movedKeys: count(),
  compared: count(),
  moved: count(),
  meanAbs: z.number().nullable().describe('Of two numbers, among those that move.'),
  maxAbs: z.number().nullable(),
}) satisfies z.ZodType<MovedFeature>;

const changesSchema = z
  .object({
    against: z.int().describe('The other version.'),
    services: z
      .array(z.object({ service: z.string(), added: z.array(z.string()), removed: z.array(z.string()) }))
      .describe('Services whose columns are others.'),
    features: z.array(movedSchema),
    notCompared: reasonsSchema,
    refill: z.array(
      z.object({
        view: z.string(),
        reason: z.enum(['new', 'changed']),
        rows: count().nullable().describe('Of the longest of its last runs.'),
        seconds: z.number().nullable(),
      }),
    ),
  })
  .describe(
    'What the current version of the definitions moves against another one.',
  ) satisfies z.ZodType<VerifyChanges>;

const summarySchema = z.object({
  id: z.string().describe('Its number, 8 digits.'),
  kind: z.literal('verify'),
  createdAt: instantAnswer(),
  version: z.int().nullable().describe('Of the registry; null: definitions in files, which were not registered.'),
  service: z.string().nullable().describe('null: all services.'),
  samples: count().describe('Most pairs of a key and an instant for each view.'),
  seconds: z.number(),
  seed: z.int(),
  compared: count().describe('Values: one for each key, instant and feature.'),
  equal: count(),
  differences: count(),
}) satisfies z.ZodType<VerifyReportSummary>;

export const reportPageSchema = z
  .object({ reports: z.array(summarySchema).describe('Newest first.'), next: nextField() })
  .describe('200 of GET /v1/reports') satisfies z.ZodType<ReportPage>;

export const reportSchema = summarySchema
  .extend({
    features: z.array(featureSchema),
    examples: z.array(exampleSchema).describe('The first of the differences.'),
    skipped: reasonsSchema.describe('Views of which nothing was compared.'),
    changes: changesSchema.optional(),
  })
  .describe('A verification: serving against training.') satisfies z.ZodType<VerifyReport>;
