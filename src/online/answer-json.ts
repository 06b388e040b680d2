// A lookup's answer as the bytes of the JSON that HTTP and the CLI send (schemas/wire.ts has the contract). Values are
// never made: their text is copied from the packed rows.
import { PlumbError } from '../../schemas/errors.ts';
import { STATUSES, type Status } from '../../schemas/types.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { formatInstant } from '../instant.ts';
import type { CollectedKeys } from './lookup/collect-keys.ts';
import { type JudgedSpace, valueStatus } from './lookup/judge-rows.ts';
import { type OpenedRow, shownEventMicros } from './lookup/live-view.ts';
import type { ConsistentRead } from './lookup/read-consistently.ts';
import type { Segment } from './lookup/segments.ts';
import { hasNulls, rowText, type StoredRow, writeRowText } from './stored-row.ts';
import type { Int64Form } from './value-json.ts';

export interface AnswerOptions {
  readonly statuses?: boolean;
  readonly eventTimes?: boolean;
  readonly asOf?: boolean;
  /** The instant is that of the clock, as the request names none: of a stream all that is applied is known then. */
  readonly isNow?: boolean;
  /** Values of rows that cannot be read are null with status UNAVAILABLE; else the whole lookup fails. */
  readonly partial?: boolean;
  /** 'number' unless told. */
  readonly int64?: Int64Form;
}

/** What an answer is written from. */
export interface Judged extends Pick<ConsistentRead, 'bound' | 'progress'> {
  /** Where it is asked for: by view, until when it is known; null: it has no event yet. */
  readonly asOf?: readonly (bigint | null)[];
  readonly entityCount: number;
  readonly atMicros: bigint;
  /** Both: one per key space. */
  readonly keys: readonly CollectedKeys[];
  readonly spaces: readonly JudgedSpace[];
}

type Steps<T = void> = Generator<undefined, T>;

/** The bytes stay valid and are the caller's. A step writes some thousand values; nobody else may write to `out` until the end. */
export function* answerSteps(out: ByteWriter, judged: Judged, options: AnswerOptions): Steps<Uint8Array<ArrayBuffer>> {
  const { bound, atMicros } = judged;
  const segments = bound.segments(options.int64 ?? 'number');
  out.begin(0);
  out.copy(bound.head);
  yield* writeRows(out, judged, segments, writeValues);
  if (options.statuses === true) {
    out.ascii(',"statuses":');
    yield* writeRows(out, judged, segments, writeStatuses);
  }
  if (options.eventTimes === true) {
    out.ascii(',"eventTimes":');
    yield* writeRows(out, judged, segments, writeEventTimes);
  }
  if (options.asOf === true) {
    out.ascii(',"asOf":');
    out.copy(asOfJson(judged));
    if (bound.changed !== null) {
      out.ascii(',"changed":');
      out.copy(bound.changed);
    }
  }
  out.ascii(`,"at":"${formatInstant(atMicros)}"}`);
  return out.finish();
}

/** View → until when it is known. */
export function asOfJson({ bound, asOf = [] }: Judged): Uint8Array {
  const watermarks = bound.resolved.viewNames.map((name, view) => {
    const micros = asOf[view] ?? null;
    return [name, micros === null ? null : formatInstant(micros)];
  });
  return Buffer.from(JSON.stringify(Object.fromEntries(watermarks)));
}

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d];

type WriteSegment = (out: ByteWriter, segment: Segment, judged: OpenedRow) => void;

/** Some 5 ms. */
export const VALUES_PER_STEP = 10_000;
export const BYTES_PER_STEP = 2 ** 20;

/** What a process can build and a client take at once. */
export const MOST_BYTES = 2 ** 26;

function* writeRows(out: ByteWriter, judged: Judged, segments: readonly Segment[], write: WriteSegment): Steps {
  const columns = segments.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const rowsPerStep = Math.max(1, Math.floor(VALUES_PER_STEP / Math.max(1, columns)));
  let stepEnd = Math.min(out.length + BYTES_PER_STEP, MOST_BYTES);
  out.byte(OPEN);
  for (let entity = 0; entity < judged.entityCount; entity += 1) {
    if (entity > 0) out.byte(COMMA);
    if (entity % rowsPerStep === rowsPerStep - 1) yield;
    out.byte(OPEN);
    for (let index = 0; index < segments.length; index += 1) {
      const segment = segments[index] as Segment;
      if (index > 0) out.byte(COMMA);
      write(out, segment, judgedRow(judged, segment, entity));
      if (out.length <= stepEnd) continue;
      if (out.length > MOST_BYTES) throw tooLong();
      yield;
      stepEnd = Math.min(out.length + BYTES_PER_STEP, MOST_BYTES);
    }
    out.byte(CLOSE);
  }
  out.byte(CLOSE);
}

export const tooLong = (): PlumbError =>
  new PlumbError('TOO_LARGE', `the answer has more than ${MOST_BYTES} bytes; ask in parts`, {
    details: { limit: 'answerBytes', maxBytes: MOST_BYTES },
  });

const NOT_MATERIALIZED: OpenedRow = { row: null, status: 'NOT_MATERIALIZED' };

export function judgedRow(
  { keys, spaces }: Judged,
  { space, role, view, isMissing }: Segment,
  entity: number,
): OpenedRow {
  const key = keys[space]?.indexes[role]?.[entity] as number;
  const { rows, absent } = spaces[space] as JudgedSpace;
  const judged = ((key < 0 ? absent : rows[key]) as readonly OpenedRow[])[view] as OpenedRow;
  return isMissing && judged.status !== 'UNAVAILABLE' ? NOT_MATERIALIZED : judged;
}

function writeValues(out: ByteWriter, { first, last, quotes, texts }: Segment, { row, status }: OpenedRow): void {
  if (status !== null) out.copy(texts[status]);
  else if (quotes !== null) out.text(quotes(rowText(row as StoredRow, first, last)));
  else writeRowText(out, row as StoredRow, first, last);
}

const STATUS_TEXTS = Object.fromEntries(
  STATUSES.map((status) => [status, Buffer.from(`"${status}"`)]),
) as unknown as Readonly<Record<Status, Uint8Array>>;

function writeStatuses(out: ByteWriter, segment: Segment, { row, status }: OpenedRow): void {
  const shared = status ?? (hasNulls(row as StoredRow) ? null : 'PRESENT');
  if (shared !== null) out.copy(segment.statuses[shared]);
  else writeEachStatus(out, segment, row as StoredRow);
}

/** Features that are there, in a row, are one copy out of the text of all being there. */
function writeEachStatus(out: ByteWriter, { first, last, statuses }: Segment, row: StoredRow): void {
  let present = 0;
  for (let feature = first; feature <= last; feature += 1) {
    const status = valueStatus(row, feature);
    if (status === 'PRESENT') {
      present += 1;
      continue;
    }
    if (present > 0) writePresent(out, statuses.PRESENT, present);
    if (present > 0) out.byte(COMMA);
    present = 0;
    out.copy(STATUS_TEXTS[status]);
    if (feature < last) out.byte(COMMA);
  }
  if (present > 0) writePresent(out, statuses.PRESENT, present);
}

const writePresent = (out: ByteWriter, all: Uint8Array, count: number): void =>
  out.slice(all, 0, count * (STATUS_TEXTS.PRESENT.length + 1) - 1);

function writeEventTimes(out: ByteWriter, { first, last }: Segment, opened: OpenedRow): void {
  const micros = shownEventMicros(opened);
  out.repeat(micros === null ? NULL_TEXT : eventTimeText(micros), last - first + 1);
}

const NULL_TEXT = Buffer.from('null');
let [lastMicros, lastText] = [0n, eventText(0n)];

/** Rows of one file often share their instant. */
function eventTimeText(micros: bigint): Uint8Array {
  if (micros !== lastMicros) [lastMicros, lastText] = [micros, eventText(micros)];
  return lastText;
}

function eventText(micros: bigint): Uint8Array {
  return Buffer.from(`"${formatInstant(micros)}"`);
}
