// Strong ETags of what never changes.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Caller } from '../access/caller.ts';

export const etagOfText = (text: string): string => `"${createHash('sha256').update(text).digest('hex')}"`;

/** Whether `If-None-Match` names the ETag, weakly or not, or everything. */
export function isKnown(context: Context, etag: string): boolean {
  const known = context.req.header('if-none-match');
  if (known === undefined) return false;
  return known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** `If-Range`: without it a range holds; with it only where it is this very ETag. Dates are never current. */
export function rangeHolds(context: Context, etag: string): boolean {
  const condition = context.req.header('if-range');
  return condition === undefined || condition.trim() === etag;
}

const FOREVER = 'max-age=31536000, immutable';

/**
 * A fixed version never changes; `latest` has to be asked for each time. What only some callers may read stays out of caches
 * that callers share.
 */
export function cacheControl(isFixed: boolean, { keyId }: Caller): string {
  if (keyId === null) return isFixed ? `public, ${FOREVER}` : 'no-cache';
  return `private, ${isFixed ? FOREVER : 'no-cache'}`;
}
