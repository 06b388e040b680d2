// Lists are given in pages.
import { z } from 'zod';

export const MAX_PAGE_LIMIT = 1000;
export const DEFAULT_PAGE_LIMIT = 100;

const LIMIT = `a whole number from 1 to ${MAX_PAGE_LIMIT}`;

/** Query parameters, which are text. */
export const pageQuerySchema = z.strictObject({
  limit: z
    .string({ error: LIMIT })
    .refine((text) => /^([1-9]\d{0,2}|1000)$/.test(text), { error: LIMIT })
    .meta({ type: 'integer', minimum: 1, maximum: MAX_PAGE_LIMIT, default: DEFAULT_PAGE_LIMIT })
    .describe('Most entries of the answer.')
    .optional(),
  cursor: z
    .string({ error: 'the `next` of the page before' })
    .regex(/^[A-Za-z0-9_-]+$/, { error: 'the `next` of the page before' })
    .describe('The `next` of the page before; opaque.')
    .optional(),
});

export const nextField = () => z.string().nullable().describe('The cursor of the next page; null on the last.');
