// The body of every answer that is not 2xx, and the error of a job.
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../errors.ts';
import type { ErrorBody, WireError } from '../wire-types.ts';

export const errorCodes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

export const wireErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string().describe('What was found, what was expected, and what to do.'),
  details: z.record(z.string(), z.unknown()).describe('For programs, e.g. `path` or `issues`.'),
}) satisfies z.ZodType<WireError>;

export const errorBodySchema = z
  .object({ error: wireErrorSchema })
  .describe('The body of every answer that is not 2xx.') satisfies z.ZodType<ErrorBody>;
