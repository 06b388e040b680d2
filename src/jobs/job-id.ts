// `20260108093000123-materialization-3fa2b1c4`: UTC to the millisecond, kind, random. Ids sort by time, and a list of one
// kind reads no record of another.
import { randomBytes } from 'node:crypto';
import { JOB_KINDS } from '../../schemas/wire-types.ts';
import type { JobKind } from './job.ts';

const ID = new RegExp(`^\\d{17}-(${JOB_KINDS.join('|')})-[0-9a-f]{8}$`);

let lastMillis = 0;

/** Later than every id that this process made before. */
export function newJobId(kind: JobKind, nowMillis: number = Date.now()): string {
  lastMillis = Math.max(nowMillis, lastMillis + 1);
  const time = new Date(lastMillis).toISOString().replaceAll(/\D/g, '');
  return `${time}-${kind}-${randomBytes(4).toString('hex')}`;
}

/** null where it is no id of a job. */
export const kindOfJobId = (id: string): JobKind | null => (ID.exec(id)?.[1] as JobKind | undefined) ?? null;
