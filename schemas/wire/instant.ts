// Instants as requests give them and as answers write them.
import { z } from 'zod';

/** As src/instant.ts reads it; whether the day exists in its month is checked there. */
const INSTANT =
  /^([+-]\d{6}|\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?\s?([Zz]|[+-]\d\d(:?\d\d)?)?)?$/;

export const instantField = () => {
  const error = 'an RFC 3339 instant such as 2026-01-08T00:00:00Z';
  return z
    .string({ error })
    .regex(INSTANT, { error })
    .meta({ examples: ['2026-01-08T00:00:00Z'] });
};

export const instantAnswer = () => z.string().describe('RFC 3339, UTC.');
