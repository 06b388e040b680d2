// A lookup's answer as values, for callers in this process: what answer-json.ts writes, read instead.
import type { Status, Value } from '../../schemas/types.ts';
import { type Judged, judgedRow, VALUES_PER_STEP } from './answer-json.ts';
import type { BoundRequest } from './lookup/bound-request.ts';
import { valueStatus } from './lookup/judge-rows.ts';
import { type LiveView, type OpenedRow, shownEventMicros } from './lookup/live-view.ts';
import type { Segment } from './lookup/segments.ts';
import type { StoredRow } from './stored-row.ts';

export interface ValueOptions {
  readonly statuses?: boolean;
  readonly eventTimes?: boolean;
  /** As for answers in JSON. */
  readonly partial?: boolean;
}

export interface LookedUpValues {
  /** Registry version. */
  readonly version: number;
  /** Where the request was bound to a version of a service, or to a training set. */
  readonly serviceVersion?: number;
  /** Output names: the columns of `rows`, `statuses` and `eventTimes`. */
  readonly features: readonly string[];
  /** One per entity, in their order. int64 and instants (microseconds since 1970) are bigints. */
  readonly rows: readonly (readonly Value[])[];
  /** Where asked for. */
  readonly statuses?: readonly (readonly Status[])[];
  /** Microseconds since 1970; where asked for. */
  readonly eventTimes?: readonly (readonly (bigint | null)[])[];
}

export function* valueSteps(judged: Judged, options: ValueOptions): Generator<undefined, LookedUpValues> {
  const { resolved } = judged.bound;
  const segments = judged.bound.segments('number');
  const cells = [
    yield* collect<Value>(judged, segments, (row, segment, into) => addValues(row, segment, judged, into)),
    options.statuses === true ? yield* collect<Status>(judged, segments, addStatuses) : undefined,
    options.eventTimes === true ? yield* collect<bigint | null>(judged, segments, addEventTimes) : undefined,
  ] as const;
  const [rows, statuses, eventTimes] = cells;
  return {
    version: resolved.version,
    ...(resolved.learned === null ? {} : { serviceVersion: resolved.learned.learned.serviceVersion }),
    features: resolved.names,
    rows,
    ...(statuses === undefined ? {} : { statuses }),
    ...(eventTimes === undefined ? {} : { eventTimes }),
  };
}

type Add<T> = (row: OpenedRow, segment: Segment, into: T[]) => void;

function* collect<T>(judged: Judged, segments: readonly Segment[], add: Add<T>): Generator<undefined, T[][]> {
  const columns = judged.bound.resolved.names.length;
  const rowsPerStep = Math.max(1, Math.floor(VALUES_PER_STEP / Math.max(1, columns)));
  const rows: T[][] = [];
  for (let entity = 0; entity < judged.entityCount; entity += 1) {
    const row: T[] = [];
    for (const segment of segments) add(judgedRow(judged, segment, entity), segment, row);
    rows.push(row);
    if (rows.length % rowsPerStep === 0) yield;
  }
  return rows;
}

function addValues({ row, status }: OpenedRow, segment: Segment, { bound }: Judged, into: Value[]): void {
  const { space, view, first, last, values } = segment;
  if (status !== null) {
    for (const value of values[status]) into.push(value);
    return;
  }
  const { views } = bound.keySpaces[space] as BoundRequest['keySpaces'][number];
  const { codec } = views[view] as LiveView;
  codec.read(row as StoredRow, { first, last }, into);
}

function addStatuses({ row, status }: OpenedRow, { first, last }: Segment, into: Status[]): void {
  for (let feature = first; feature <= last; feature += 1) into.push(status ?? valueStatus(row as StoredRow, feature));
}

function addEventTimes(opened: OpenedRow, { first, last }: Segment, into: (bigint | null)[]): void {
  const micros = shownEventMicros(opened);
  for (let feature = first; feature <= last; feature += 1) into.push(micros);
}
