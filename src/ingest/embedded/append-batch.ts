// Inside a transaction of the embedded log: a batch of events, each id once.
import { ByteWriter } from '../../byte-writer.ts';
import { type Appended, type Batch, ID_HORIZON, type NewEvent } from '../event-log.ts';
import * as layout from './log-layout.ts';
import type { LogDatabase } from './open-log.ts';

/** Ids that are looked at for each event that comes, so that those of the past go as new ones come. */
const SWEPT_PER_EVENT = 3;

/** An event with all that can be computed before the transaction. */
interface Prepared {
  readonly event: NewEvent;
  readonly key: Buffer | null;
  readonly textHash: Buffer;
}

export const prepared = ({ events }: Batch, source: string): readonly Prepared[] =>
  events.map((event) => ({
    event,
    key: event.id === null ? null : layout.idKey(source, event.id),
    textHash: layout.hashOfText(event.text),
  }));

/** Where each event went. `now`: wall time in microseconds. */
export function appendBatch(
  database: LogDatabase,
  source: string,
  events: readonly Prepared[],
  now: bigint,
): readonly Appended[] {
  const state = layout.decodeState(database.get(layout.sourceKey(source)));
  const writer = new ByteWriter();
  let { next, lastAppendMicros, sizeBytes } = state;
  const appended = events.map(({ event, key, textHash }): Appended => {
    const known = key === null ? null : knownId(database, key, { next, now });
    if (known !== null) {
      const { offset, appendMicros } = known;
      return { offset, appendMicros, duplicate: known.textHash.equals(textHash) ? 'same' : 'other' };
    }
    const appendMicros = lastAppendMicros === null || now > lastAppendMicros ? now : lastAppendMicros + 1n;
    const bytes = layout.encodeEvent(writer, event, appendMicros);
    const offset = next;
    database.putSync(layout.eventKey(source, offset), bytes);
    if (key !== null) database.putSync(key, layout.encodeKnownId({ offset, appendMicros, textHash }));
    sizeBytes += bytes.length;
    lastAppendMicros = appendMicros;
    next += 1n;
    return { offset, appendMicros, duplicate: 'no' };
  });
  const idCursor = sweepIds(database, source, { ...state, next, now }, SWEPT_PER_EVENT * events.length);
  database.putSync(
    layout.sourceKey(source),
    layout.encodeState({ ...state, next, lastAppendMicros, sizeBytes, idCursor }),
  );
  return appended;
}

interface Clock {
  readonly next: bigint;
  readonly now: bigint;
}

/** null where it is unknown, or was known for the longest time. */
export function knownId(database: LogDatabase, key: Buffer, clock: Clock): layout.KnownId | null {
  const bytes = database.get(key);
  if (bytes === undefined) return null;
  const known = layout.decodeKnownId(bytes);
  return isPast(known, clock) ? null : known;
}

const isPast = ({ offset, appendMicros }: layout.KnownId, { next, now }: Clock): boolean =>
  offset + ID_HORIZON.events < next || appendMicros + ID_HORIZON.micros < now;

/** Looks at some ids behind the cursor, removes those that are known no more, and returns the new cursor. */
function sweepIds(
  database: LogDatabase,
  source: string,
  { idCursor, ...clock }: Clock & { readonly idCursor: string },
  limit: number,
): string {
  if (limit === 0) return idCursor;
  const { start, end } = layout.idRange(source);
  const from = idCursor === '' ? start : Buffer.from(idCursor, 'hex');
  const found = [...database.getRange({ start: from, end, limit })];
  for (const { key, value } of found) if (isPast(layout.decodeKnownId(value), clock)) database.removeSync(key);
  const last = found.length < limit ? undefined : found.at(-1);
  return last === undefined ? '' : last.key.toString('hex');
}
