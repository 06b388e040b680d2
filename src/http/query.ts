// Query parameters, checked against a contract: each at most once, none unknown.
import type { Context } from 'hono';
import type { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { requireContract } from './contract.ts';

export function readQuery<T>(context: Context, contract: z.ZodType<T>): T {
  const values = context.req.queries();
  for (const [name, given] of Object.entries(values)) {
    if (given.length === 1) continue;
    const message = `?${name}: found ${given.length} values, expected one`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { path: `?${name}` } });
  }
  return requireContract(
    contract,
    Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value])),
    '?',
  );
}
