// The HTTP contract of lookups (DESIGN section 5). Values of entities are not walked here: the serving path converts them
// by compiled key readers, and reports a JSON path where one is missing or does not convert.
import { z } from 'zod';
import { ERRORS, type ErrorCode } from './errors.ts';
import { STATUSES } from './types.ts';

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entityRow = (error: string) =>
  z.custom<Readonly<Record<string, unknown>>>(isPlainObject, { error }).meta({ type: 'object' });

const flag = () => z.boolean({ error: 'true or false' }).optional();

export const onlineFeaturesRequestSchema = z
  .object({
    service: z.string({ error: 'the name of a feature service' }).describe('Instead of `features`.').optional(),
    features: z
      .array(z.string({ error: '`view:feature` or `view:*`' }), { error: 'a list of `view:feature`' })
      .min(1, { error: 'at least one feature' })
      .describe('`view:feature` entries, instead of `service`.')
      .optional(),
    entities: z
      .array(entityRow('an object from join key to value'), { error: 'a list of objects from join key to value' })
      .describe('One object per row of the answer; extra fields are ignored.'),
    context: z
      .array(entityRow('an object'), { error: 'a list of objects, one per entity' })
      .describe('Request-time values, one object per entity.')
      .optional(),
    at: z
      .string({ error: 'an RFC 3339 instant such as 2026-01-08T00:00:00Z' })
      .describe("Default: the server's clock.")
      .optional(),
    statuses: flag().describe('Answer `statuses` too.'),
    eventTimes: flag().describe('Answer `eventTimes` too.'),
    asOf: flag().describe('Answer `asOf` too: until when each view was materialized.'),
    int64: z.enum(['number', 'string']).describe('How int64 values are written; default number.').optional(),
    partial: flag().describe('Answer what can be had, with status UNAVAILABLE for the rest.'),
  })
  .refine((request) => (request.service === undefined) !== (request.features === undefined), {
    error: 'either `service` or `features`',
  })
  .describe('POST /v1/online-features');

export type OnlineFeaturesRequest = z.output<typeof onlineFeaturesRequestSchema>;

const valueSchema = z.unknown().describe('Timestamps as RFC 3339 UTC, bytes as base64, lists as arrays.');

export const onlineFeaturesResponseSchema = z
  .object({
    service: z.string().nullable().describe('null where the request named features.'),
    version: z.int().describe('The registry version that answered.'),
    features: z.array(z.string()).describe('Output names: the columns of `rows`.'),
    rows: z.array(z.array(valueSchema)).describe('One row per entity of the request, in its order.'),
    statuses: z.array(z.array(z.enum(STATUSES))).optional(),
    eventTimes: z.array(z.array(z.string().nullable())).optional(),
    asOf: z.record(z.string(), z.string()).describe('View to the instant of its last run.').optional(),
    at: z.string().describe('The instant that was answered for.'),
  })
  .describe('200 of POST /v1/online-features');

export type OnlineFeaturesResponse = z.output<typeof onlineFeaturesResponseSchema>;

const errorCodes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

export const errorBodySchema = z
  .object({
    error: z.object({
      code: z.enum(errorCodes),
      message: z.string().describe('What was found, what was expected, and what to do.'),
      details: z.record(z.string(), z.unknown()).describe('For programs, e.g. `path` or `issues`.'),
    }),
  })
  .describe('The body of every answer that is not 2xx.');

export type ErrorBody = z.output<typeof errorBodySchema>;
