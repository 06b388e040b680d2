// `{name}/{version}` of a path; the version is a number or `latest`.
import type { Context } from 'hono';
import { PlumbError } from '../../schemas/errors.ts';
import { quote, shorten } from '../quote.ts';

export interface DatasetVersion {
  readonly name: string;
  /** null: the newest. */
  readonly version: number | null;
}

export function datasetVersion(context: Context): DatasetVersion {
  const name = context.req.param('name') ?? '';
  const version = context.req.param('version') ?? '';
  if (version === 'latest') return { name, version: null };
  if (/^[1-9]\d{0,8}$/.test(version)) return { name, version: Number(version) };
  const message = `found the version ${quote(version)}, expected a number from 1 or latest`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { version: shorten(version) } });
}
