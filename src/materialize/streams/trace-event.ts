// Where an event went: received when and by whom, rejected why, in which part of the lake, applied to which views and keys.

import { PlumbError } from '../../../schemas/errors.ts';
import type { Value } from '../../../schemas/types.ts';
import { FAILED } from '../../aggregate/partial.ts';
import type { Catalog, ServableView, Source, TimestampUnit } from '../../catalog/catalog.ts';
import { requireSource } from '../../catalog/look-up.ts';
import type { DeadLetter, EventLog, LoggedEvent, Position } from '../../ingest/event-log.ts';
import type { Lake } from '../../ingest/lake/lake.ts';
import { parseInstant } from '../../instant.ts';
import type { EventEngine, EventRow } from '../../offline/event-engine.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import { fieldName } from '../../online/serving-state.ts';
import { appliedPartitions } from '../../online/stream-reach.ts';
import { readState } from '../publish.ts';
import { streamedViews } from './streamed-views.ts';
import { viewStream } from './view-streams.ts';

export interface TracePorts {
  /** With the keys that were erased. */
  catalog(): Promise<Catalog>;
  readonly log: EventLog;
  readonly lake: Pick<Lake, 'read'>;
  readonly online: OnlineStore;
  openEngine(): Promise<EventEngine>;
}

export interface TracedView {
  readonly view: string;
  /** `counts`: a row of the key; `left_out`: by `where`, a null key, an erasure or the end of history; `invalid`: an expression failed on it. */
  readonly outcome: 'counts' | 'left_out' | 'invalid';
  /** null where it is left out. */
  readonly key: Readonly<Record<string, Value>> | null;
  /** Whether lookups see it. null: the view is not live. */
  readonly isApplied: boolean | null;
}

export interface EventTrace {
  readonly source: string;
  readonly id: string;
  /** null: the log does not know it, or knows it no more. */
  readonly position: Position | null;
  /** null where it has left the log. */
  readonly received: { readonly appendMicros: bigint; readonly by: string | null } | null;
  /** The part of the lake that it is in; null: it is not there yet. */
  readonly lakePart: string | null;
  /** Stamped before the end of history, which tells that time instead. */
  readonly isIgnored: boolean;
  readonly views: readonly TracedView[];
  /** Rejected events that name the id, the newest last. */
  readonly rejected: readonly DeadLetter[];
}

const MOST_LETTERS = 100_000;
const MOST_ENTRY_BYTES = 2 ** 20;

/** UNKNOWN_NAME for a source that there is not, INVALID_REQUEST for one that is no stream or has no `eventIdColumn`. */
export async function traceEvent(ports: TracePorts, sourceName: string, id: string): Promise<EventTrace> {
  const { log } = ports;
  const catalog = await ports.catalog();
  const source = requireSource(catalog, sourceName);
  if (source.stream?.eventIdColumn == null)
    throw new PlumbError(
      'INVALID_REQUEST',
      `source ${sourceName} has no eventIdColumn: its events cannot be told apart`,
    );
  const position = await log.find(sourceName, id);
  const event = position === null ? null : await eventAt(log, position);
  const views = position === null || event === null ? [] : await tracedViews(ports, { catalog, position, event });
  const letters = await log.deadLetters(sourceName, 0n, MOST_LETTERS);
  return {
    ...{ source: sourceName, id, position, views },
    received: event === null ? null : { appendMicros: event.appendMicros, by: event.by },
    lakePart: position === null ? null : await partOf(ports, position),
    isIgnored: event !== null && isBeforeCut(source, event),
    rejected: letters.filter(({ text }) => text.includes(JSON.stringify(id))),
  };
}

async function eventAt(log: EventLog, position: Position): Promise<LoggedEvent | null> {
  const state = (await log.partitions(position.source)).find(({ partition }) => partition === position.partition);
  if (state === undefined || position.offset < state.first || state.epoch !== position.epoch) return null;
  const [event] = await log.read(position, { events: 1, bytes: 1 });
  return event ?? null;
}

async function partOf({ lake }: TracePorts, { source, partition, epoch, offset }: Position): Promise<string | null> {
  const parts = (await lake.read(source)).find((one) => one.partition === partition)?.parts ?? [];
  return parts.find((part) => part.epoch === epoch && part.from <= offset && offset < part.next)?.key ?? null;
}

const MICROS_PER: Readonly<Record<TimestampUnit, bigint>> = { s: 1_000_000n, ms: 1000n, us: 1n };

function isBeforeCut({ stream, timestampColumn, timestampUnit }: Source, { text }: LoggedEvent): boolean {
  const untilMicros = stream?.history?.untilMicros ?? null;
  if (untilMicros === null) return false;
  const time = (JSON.parse(Buffer.from(text).toString()) as Readonly<Record<string, string | number>>)[timestampColumn];
  if (timestampUnit !== null) return BigInt(Math.floor(Number(time) * Number(MICROS_PER[timestampUnit]))) < untilMicros;
  return (parseInstant(String(time)) ?? untilMicros) < untilMicros;
}

interface Traced {
  readonly catalog: Catalog;
  readonly position: Position;
  readonly event: LoggedEvent;
}

async function tracedViews(ports: TracePorts, { catalog, position, event }: Traced): Promise<readonly TracedView[]> {
  const views = streamedViews(catalog).filter(({ source }) => source === position.source);
  await using engine = await ports.openEngine();
  const streams = views.map((view) => viewStream(catalog, view, view.name, MOST_ENTRY_BYTES));
  const { offset, appendMicros } = event;
  const found = await engine.rowsOf(
    [{ offset, appendMicros, text: Buffer.from(event.text).toString() }],
    streams.map(({ plan }) => plan),
  );
  return await Promise.all(
    views.map(async (view, i) => {
      const [row] = found[i] ?? [];
      return { view: view.name, ...outcomeOf(view, row), isApplied: await isApplied(ports, view.name, position) };
    }),
  );
}

function outcomeOf({ joinKeys }: ServableView, row: EventRow | undefined): Pick<TracedView, 'outcome' | 'key'> {
  if (row === undefined) return { outcome: 'left_out', key: null };
  const key = Object.fromEntries(joinKeys.map(({ name }, i) => [name, row.keys[i] ?? null]));
  return { outcome: row.failed || row.cells.includes(FAILED) ? 'invalid' : 'counts', key };
}

async function isApplied(
  { online }: TracePorts,
  view: string,
  { partition, epoch, offset }: Position,
): Promise<boolean | null> {
  const { live } = (await readState(online, view)).state;
  if (live?.stream === undefined) return null;
  const applied = await appliedPartitions(online.streams(), fieldName(view, live.id));
  return applied.some((one) => one.partition === partition && one.epoch === epoch && one.next > offset);
}
