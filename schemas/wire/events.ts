import { z } from 'zod';
import { EVENT_MISTAKES, type PushAnswer, type PushQuery, type PushRequest } from '../wire-types.ts';

const count = () => z.int().min(0);

export const pushRequestSchema = z
  .strictObject({
    events: z.array(z.unknown()).describe('Objects of values by column name; those that are absent are null.'),
    onError: z
      .enum(['reject_all', 'accept_valid'], { error: 'reject_all or accept_valid' })
      .describe('reject_all, the default: nothing is accepted where one event cannot be used.')
      .optional(),
  })
  .describe('POST /v1/sources/{source}/events') satisfies z.ZodType<PushRequest>;

const TIMEOUT = { error: 'a duration from 1s to 60s, such as 5s' };

export const pushQuerySchema = z
  .strictObject({
    wait: z
      .enum(['applied'], { error: 'applied' })
      .describe('The answer comes when lookups see the events, with `applied`.')
      .optional(),
    timeout: z
      .string()
      .regex(/^(([1-9]|[1-5]\d|60)s|1m)$/, TIMEOUT)
      .describe('How long the answer waits at most, from 1s to 60s; 5s unless told. Needs `wait`.')
      .optional(),
  })
  .refine(({ wait, timeout }) => timeout === undefined || wait !== undefined, {
    path: ['timeout'],
    error: 'wait=applied beside it',
  }) satisfies z.ZodType<PushQuery>;

export const pushAnswerSchema = z
  .object({
    accepted: count(),
    duplicates: count().describe('Events whose id was there already, in the log or before them in the request.'),
    differing: z
      .array(count())
      .describe('Places of duplicates that differ from the first event of their id, which counts.'),
    ignored: count().describe(
      'Of the accepted ones, those stamped before `history.until` of the source: they count nowhere.',
    ),
    rejected: z.array(
      z.object({
        index: count().describe('Its place in the request, from 0.'),
        code: z.enum(EVENT_MISTAKES),
        message: z.string(),
        path: z.string().describe('A column; empty for the whole event.'),
      }),
    ),
    applied: z
      .boolean()
      .describe('With `wait=applied`: whether all online views that the source feeds are live and have the events.')
      .optional(),
  })
  .describe('Events that are on disk, and those that are not.') satisfies z.ZodType<PushAnswer>;
