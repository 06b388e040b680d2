// POST /v1/online-features. Values of entities are not walked here: the serving path converts them by compiled key readers,
// and reports a JSON path where one is missing or does not convert.
import { z } from 'zod';
import { STATUSES } from '../types.ts';
import type { OnlineFeaturesRequest, OnlineFeaturesResponse } from '../wire-types.ts';
import { explanationSchema } from './explanation.ts';
import { instantAnswer, instantField } from './instant.ts';
import { valueSchema } from './value.ts';

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entityRow = (error: string) =>
  z.custom<Readonly<Record<string, unknown>>>(isPlainObject, { error }).meta({ type: 'object' });

const flag = () => z.boolean({ error: 'true or false' }).optional();
const featureName = () =>
  z.string({ error: '`view:feature` or `view:*`' }).regex(/^[^:]*:[^:]+$/, { error: '`view:feature` or `view:*`' });

export const onlineFeaturesRequestSchema = z
  .strictObject({
    service: z
      .string({ error: 'the name of a feature service' })
      .describe('Instead of `features`. `name@version`: as its features were in that version of the service, or 409.')
      .optional(),
    dataset: z
      .string({ error: 'name@version of a training set' })
      .describe('`name@version`, instead of `service`: the features of that training set as they are there, or 409.')
      .optional(),
    features: z
      .array(featureName(), { error: 'a list of `view:feature`' })
      .min(1, { error: 'at least one feature' })
      .max(1000, { error: 'at most 1000 features' })
      .describe('`view:feature` entries, instead of `service`.')
      .optional(),
    entities: z
      .array(entityRow('an object from join key to value'), { error: 'a list of objects from join key to value' })
      .describe('One object per row of the answer; extra fields in it are ignored.'),
    context: z
      .array(entityRow('an object'), { error: 'a list of objects, one per entity' })
      .describe('Request-time values, one object per entity. Planned: 501.')
      .optional(),
    at: instantField().describe("Default: the server's clock.").optional(),
    statuses: flag().describe('Answer `statuses` too.'),
    eventTimes: flag().describe('Answer `eventTimes` too.'),
    asOf: flag().describe('Answer `asOf` too: until when each view was materialized; and `changed`.'),
    int64: z.enum(['number', 'string']).describe('How int64 values are written; default number.').optional(),
    partial: flag().describe(
      'Where parts of the online store are away: answer the rest, with null and status UNAVAILABLE for what cannot be read.',
    ),
    explain: flag().describe(
      'Of one entity: where each value comes from, read from the sources. Needs the role operator. JSON only; not with `dataset`, a version of a service, or `partial`.',
    ),
  })
  .refine(
    ({ service, dataset, features }) =>
      [service, dataset, features].filter((named) => named !== undefined).length === 1,
    { error: 'one of `service`, `dataset` and `features`' },
  )
  .meta({ oneOf: [{ required: ['service'] }, { required: ['dataset'] }, { required: ['features'] }] })
  .describe('POST /v1/online-features') satisfies z.ZodType<OnlineFeaturesRequest>;

export const onlineFeaturesResponseSchema = z
  .object({
    service: z.string().nullable().describe('null where the request named features.'),
    version: z.int().describe('The registry version that answered.'),
    serviceVersion: z
      .int()
      .describe('Of the service, where the request named a version of it or a dataset. Absent else.')
      .optional(),
    features: z.array(z.string()).describe('Output names: the columns of `rows`.'),
    rows: z.array(z.array(valueSchema)).describe('One row per entity of the request, in its order.'),
    statuses: z.array(z.array(z.enum(STATUSES))).optional(),
    eventTimes: z.array(z.array(z.string().nullable())).optional(),
    asOf: z.record(z.string(), z.string()).describe('View to the instant of its last run.').optional(),
    changed: z
      .array(z.string())
      .describe('With `asOf`: views that still serve their former definition, until their next run. Absent for none.')
      .optional(),
    at: instantAnswer().describe('The instant that was answered for.'),
    explain: z.array(explanationSchema).describe('Where asked for: one per feature, in their order.').optional(),
  })
  .describe('200 of POST /v1/online-features') satisfies z.ZodType<OnlineFeaturesResponse>;
