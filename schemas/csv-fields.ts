// How a CSV source is written, where it differs from RFC 4180.
import { z } from 'zod';
import { textField } from './fields.ts';

const DELIMITER = 'one character that is no quote, line end or blank, such as ; or a tab';
const NULL_TEXT = 'a text of at most 60 characters without quotes and line ends';
const HEADER = 'true, false, or the names of all columns in their order, each once';

const headerNames = z
  .array(textField(), { error: HEADER })
  .min(1, { error: HEADER })
  .refine((names) => new Set(names).size === names.length, { error: HEADER });

export const csvFields = () => ({
  delimiter: z
    .string({ error: DELIMITER })
    .regex(/^[^"\r\n\0 ]$/u, { error: DELIMITER })
    .describe('csv: between two fields; default a comma.')
    .optional(),
  nullValues: z
    .array(z.string({ error: NULL_TEXT }).regex(/^[^"\r\n\0]{0,60}$/u, { error: NULL_TEXT }), {
      error: 'a list of texts',
    })
    .min(1, { error: 'at least one text' })
    .describe('csv: fields without quotes that read as null; default [""]; replaces it.')
    .optional(),
  header: z
    .union([z.boolean(), headerNames], { error: HEADER })
    .describe(
      'csv: whether the first line has the names (default true). false: the columns are those of `columns`, in order; or a list of the names.',
    )
    .optional(),
});
