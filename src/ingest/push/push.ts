// Events that clients push: those that can be used become durable in the log, each id once; what cannot is told one by one.
import { PlumbError } from '../../../schemas/errors.ts';
import type { PushAnswer, RejectedEvent } from '../../../schemas/wire-types.ts';
import type { Catalog, Source } from '../../catalog/catalog.ts';
import { requireSource } from '../../catalog/look-up.ts';
import { nowMicros } from '../../instant.ts';
import { jsonLine } from '../../json-text.ts';
import type { Json } from '../../json-value.ts';
import { nextTurn } from '../../turns.ts';
import type { Appended, EventLog, NewDeadLetter } from '../event-log.ts';
import { EventTextReader, type ReadEvent } from './event-text.ts';

export interface PushRequest {
  readonly source: string;
  readonly events: readonly Json[];
  /** reject_all: nothing is accepted where one event cannot be used. */
  readonly onError: 'reject_all' | 'accept_valid';
  /** The id of the key that sends them; null where nobody asks for keys. */
  readonly by: string | null;
}

export interface PushPorts {
  catalog(): Promise<Catalog>;
  /** Opened when the first events come. */
  log(): Promise<EventLog>;
  readonly now?: () => bigint;
}

/** Behind the last event of a push, in one partition. */
export interface PushedTo {
  readonly partition: number;
  readonly epoch: string;
  readonly next: bigint;
}

export interface Pushed {
  readonly answer: PushAnswer;
  /** The positions behind all of its events, duplicates included; none where nothing of it is in the log. */
  readonly positions: readonly PushedTo[];
}

export interface Push {
  /**
   * Durable when it resolves. UNKNOWN_NAME, INVALID_REQUEST for a source that is no stream, TOO_MANY_REQUESTS while so many
   * events wait for the disk already, RESOURCE_EXHAUSTED where it is full.
   */
  push(request: PushRequest): Promise<Pushed>;
}

/** Read between two turns; some milliseconds. */
const EVENTS_PER_TURN = 500;
/** That wait for the disk, in one process. */
const MOST_PENDING_EVENTS = 200_000;
/** Of a rejected event that is kept. */
const MOST_KEPT_CHARACTERS = 10_000;

export function createPush({ catalog, log, now = nowMicros }: PushPorts): Push {
  const readers = new WeakMap<Catalog, Map<string, EventTextReader>>();
  let pending = 0;

  const readerOf = (current: Catalog, source: Source): EventTextReader => {
    const known = readers.get(current) ?? new Map<string, EventTextReader>();
    readers.set(current, known);
    const reader = known.get(source.name) ?? new EventTextReader(source, keyColumns(current, source));
    known.set(source.name, reader);
    return reader;
  };

  const append = async (request: PushRequest): Promise<Pushed> => {
    const current = await catalog();
    const source = requireStream(current, request.source);
    const { events, rejected } = await readAll(readerOf(current, source), request.events, now());
    const isRefused = rejected.length > 0 && request.onError === 'reject_all';
    const sent = isRefused ? [] : events;
    const untilMicros = source.stream?.history?.untilMicros ?? null;
    const keepsLetters = source.stream?.deadLettersMicros !== null && !isRefused;
    const deadLetters = keepsLetters ? rejected.map((one) => letterOf(one, request)) : [];
    const batch = sent.map(({ id, text }) => ({ id, by: request.by, text: Buffer.from(text) }));
    const isNothing = batch.length === 0 && deadLetters.length === 0;
    const appended = isNothing ? [] : await (await log()).append(source.name, { events: batch, deadLetters });
    const isNew = (i: number): boolean => appended[i]?.duplicate === 'no';
    const accepted = sent.filter((_, i) => isNew(i));
    const answer = {
      accepted: accepted.length,
      duplicates: sent.length - accepted.length,
      differing: sent.filter((_, i) => appended[i]?.duplicate === 'other').map(({ index }) => index),
      ignored: accepted.filter(({ eventMicros }) => untilMicros !== null && eventMicros < untilMicros).length,
      rejected,
    };
    return { answer, positions: appended.length === 0 ? [] : await behind(await log(), source.name, appended) };
  };

  return {
    async push(request) {
      const count = request.events.length;
      if (pending > 0 && pending + count > MOST_PENDING_EVENTS) throw overloaded(pending);
      pending += count;
      try {
        return await append(request);
      } finally {
        pending -= count;
      }
    },
  };
}

/** The log has one partition a source. */
async function behind(log: EventLog, source: string, appended: readonly Appended[]): Promise<readonly PushedTo[]> {
  const next = appended.reduce((most, { offset }) => (offset >= most ? offset + 1n : most), 0n);
  const partitions = await log.partitions(source);
  return partitions.map(({ partition, epoch }) => ({ partition, epoch, next }));
}

interface Readings {
  readonly events: readonly (ReadEvent & { readonly index: number })[];
  readonly rejected: readonly RejectedEvent[];
}

async function readAll(reader: EventTextReader, found: readonly Json[], now: bigint): Promise<Readings> {
  const events: (ReadEvent & { readonly index: number })[] = [];
  const rejected: RejectedEvent[] = [];
  for (const [index, json] of found.entries()) {
    if (index % EVENTS_PER_TURN === EVENTS_PER_TURN - 1) await nextTurn();
    const reading = reader.read(json, now);
    if ('event' in reading) events.push({ ...reading.event, index });
    else rejected.push({ index, ...reading.problem });
  }
  return { events, rejected };
}

function requireStream(catalog: Catalog, name: string): Source {
  const source = requireSource(catalog, name);
  if (source.kind === 'stream') return source;
  const message = `source ${name} is of kind batch: its rows come from files; events are pushed to sources of kind stream`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { path: 'source', source: name } });
}

/** Columns of the source that views have their join keys from. */
function keyColumns(catalog: Catalog, { name }: Source): ReadonlySet<string> {
  const views = [...catalog.views.values()].filter(({ source }) => source === name);
  return new Set(views.flatMap(({ joinKeys }) => joinKeys.map(({ column }) => column)));
}

function letterOf({ index, code, path, message }: RejectedEvent, { by, events }: PushRequest): NewDeadLetter {
  const text = jsonLine(events[index]).slice(0, MOST_KEPT_CHARACTERS).toWellFormed();
  return { path, reason: `${code}: ${message}`, by, text };
}

const overloaded = (pending: number): PlumbError =>
  new PlumbError('TOO_MANY_REQUESTS', `${pending} events wait for the disk of the event log; push again, slower`, {
    details: { limit: 'pendingEvents', pendingEvents: MOST_PENDING_EVENTS },
  });
