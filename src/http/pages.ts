// `?limit=` and `?cursor=`. A cursor is the key of the last entry of the page before, so pages stay right while entries come
// and go; to clients it is opaque.
import type { Context } from 'hono';
import type { z } from 'zod';
import { PlumbError } from '../../schemas/errors.ts';
import { DEFAULT_PAGE_LIMIT, pageQuerySchema } from '../../schemas/wire.ts';
import { readQuery } from './query.ts';

export interface PageRequest {
  readonly limit: number;
  /** null: from the start. */
  readonly after: string | null;
}

export const pageRequest = (context: Context): PageRequest => pageOf(readQuery(context, pageQuerySchema));

/** Of a query that its contract has checked. */
export const pageOf = ({ limit, cursor }: z.infer<typeof pageQuerySchema>): PageRequest => ({
  limit: limit === undefined ? DEFAULT_PAGE_LIMIT : Number(limit),
  after: cursor === undefined ? null : keyOf(cursor),
});

export const cursorOf = (key: string): string => Buffer.from(key).toString('base64url');

function keyOf(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursorOf(key) === cursor && !key.includes('\0')) return key;
  throw new PlumbError('INVALID_REQUEST', '?cursor: expected the `next` of the page before, unchanged', {
    details: { path: '?cursor' },
  });
}

export interface PageOf<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
}

/** A page of named things, sorted by name. */
export function pageByName<T>(named: ReadonlyMap<string, T>, { limit, after }: PageRequest): PageOf<T> {
  const names = [...named.keys()].filter((name) => after === null || name > after).sort();
  const page = names.slice(0, limit);
  return {
    entries: page.map((name) => named.get(name) as T),
    next: names.length > limit ? cursorOf(page.at(-1) as string) : null,
  };
}
