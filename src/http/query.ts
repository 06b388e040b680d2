// Query parameters, checked against a contract: each at most once, none unknown.
import type { Context } from 'hono';
import { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { quote, shorten } from '../quote.ts';
import { requireContract } from './contract.ts';

export function readQuery<T>(context: Context, contract: z.ZodType<T>): T {
  const values = new Map<string, string>();
  for (const [name, value] of new URL(context.req.url).searchParams) {
    if (values.has(name)) throw givenTwice(name);
    values.set(name, value);
  }
  // No record's keys: zod does not see `__proto__`.
  if (values.has('__proto__')) throw unknown('__proto__');
  return requireContract(contract, Object.fromEntries(values), '?');
}

const NONE = z.strictObject({});

/** For operations without parameters: a misspelt one, or one of another operation, is not ignored. */
export function refuseQuery(context: Context): void {
  if (context.req.url.includes('?')) readQuery(context, NONE);
}

function givenTwice(name: string): PlumbError {
  const path = `?${shorten(name)}`;
  return new PlumbError('INVALID_REQUEST', `${path}: found several values, expected one`, { details: { path } });
}

function unknown(name: string): PlumbError {
  const path = `?${name}`;
  return new PlumbError('INVALID_REQUEST', `${path}: found the unknown key ${quote(name)}`, { details: { path } });
}
