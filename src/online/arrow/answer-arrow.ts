// A lookup's answer as an Arrow IPC stream: the text that answer-json.ts copies, read into columns (answer-schema.ts says
// which). This folder is loaded by the first request for it, as apache-arrow is large.
import { type Data, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow';
import { vectorLength } from '../../../schemas/types.ts';
import { formatInstant } from '../../instant.ts';
import { type AnswerOptions, asOfJson, type Judged, judgedRow } from '../answer-json.ts';
import { AnswerRoom } from './answer-room.ts';
import { type AnswerColumns, columnsOf, fieldsOf } from './answer-schema.ts';
import { newColumn } from './arrow-types.ts';
import { EventTimes } from './event-times.ts';
import { Pace } from './pace.ts';
import { addSegment } from './segment-values.ts';
import { Statuses } from './statuses.ts';

type Steps<T = void> = Generator<undefined, T>;

/** Of one record batch; a vector counts each of its elements. */
const CELLS_PER_BATCH = 100_000;

/** The bytes are the caller's. A step reads some thousand values. */
export function* arrowSteps(judged: Judged, options: AnswerOptions): Steps<Uint8Array<ArrayBuffer>> {
  const columns = columnsOf(judged.bound);
  const schema = new Schema(fieldsOf(columns, options), metadataOf(judged, options));
  const answer: Answer = { judged, columns, options, room: new AnswerRoom() };
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  const rowsPerBatch = Math.max(1, Math.floor(CELLS_PER_BATCH / cellsOf(columns)));
  for (let first = 0; first < judged.entityCount; first += rowsPerBatch) {
    const entities = { first, end: Math.min(first + rowsPerBatch, judged.entityCount) };
    const children = yield* batchColumns(answer, entities);
    const length = entities.end - first;
    writer.write(
      new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })),
    );
    if (entities.end < judged.entityCount) yield;
  }
  writer.finish();
  return writer.toUint8Array(true) as Uint8Array<ArrayBuffer>;
}

interface Answer {
  readonly judged: Judged;
  readonly columns: AnswerColumns;
  readonly options: AnswerOptions;
  readonly room: AnswerRoom;
}

function cellsOf({ features }: AnswerColumns): number {
  return features.reduce((sum, { type }) => sum + (vectorLength(type) ?? 1), 0);
}

/** What the JSON says beside its rows. */
function metadataOf(judged: Judged, { asOf }: AnswerOptions): Map<string, string> {
  const { bound, atMicros } = judged;
  const { service, version, learned, names } = bound.resolved;
  const metadata = new Map([
    ['version', String(version)],
    ['features', String(names.length)],
    ['at', formatInstant(atMicros)],
  ]);
  if (service !== null) metadata.set('service', service);
  if (learned !== null) metadata.set('serviceVersion', String(learned.learned.serviceVersion));
  if (asOf === true) metadata.set('asOf', Buffer.from(asOfJson(judged)).toString());
  if (asOf === true && bound.changed !== null) metadata.set('changed', Buffer.from(bound.changed).toString());
  return metadata;
}

/** `end` is not one of them any more. */
interface Entities {
  readonly first: number;
  readonly end: number;
}

/** Row by row, as the values of one row lie side by side. */
function* batchColumns({ judged, columns, options, room }: Answer, { first, end }: Entities): Steps<Data[]> {
  const { features, segments, eventTimes } = columns;
  const count = end - first;
  const values = features.map(({ type, arrow }) => newColumn(type, arrow, count, room));
  const statuses = options.statuses === true ? new Statuses(features.length, count, room) : null;
  const times = options.eventTimes === true ? new EventTimes(eventTimes.values(), count, room) : null;
  const pace = new Pace();
  for (let entity = first; entity < end; entity += 1) {
    let output = 0;
    for (const segment of segments) {
      const row = judgedRow(judged, segment, entity);
      statuses?.add(row, segment, output);
      for (let feature = segment.first; feature <= segment.last; ) {
        const place = { segment, feature, output: output + feature - segment.first };
        feature = addSegment({ features, values }, row, place, pace);
        if (pace.isOver()) yield;
      }
      output += segment.last - segment.first + 1;
    }
    statuses?.endRow();
    times?.addRow(judged, entity);
  }
  return [...values.map((column) => column.finish()), ...(statuses?.finish() ?? []), ...(times?.finish() ?? [])];
}
