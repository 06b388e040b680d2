import { z } from 'zod';
import { EVENT_MISTAKES, type PushAnswer, type PushRequest } from '../wire-types.ts';

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
  })
  .describe('Events that are on disk, and those that are not.') satisfies z.ZodType<PushAnswer>;
