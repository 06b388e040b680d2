// Columns of event times: one for all features that are read from the same row.
import type { Data } from 'apache-arrow';
import { type Judged, judgedRow } from '../answer-json.ts';
import { shownEventMicros } from '../lookup/live-view.ts';
import type { Segment } from '../lookup/segments.ts';
import type { AnswerRoom } from './answer-room.ts';
import { INSTANT } from './arrow-types.ts';
import { InstantColumn } from './fixed-columns.ts';

export class EventTimes {
  readonly #columns: readonly { readonly segment: Segment; readonly column: InstantColumn }[];

  /** `segments`: one of each row. */
  constructor(segments: Iterable<Segment>, rows: number, room: AnswerRoom) {
    this.#columns = Array.from(segments, (segment) => ({ segment, column: new InstantColumn(INSTANT, rows, room) }));
  }

  addRow(judged: Judged, entity: number): void {
    for (const { segment, column } of this.#columns) {
      const micros = shownEventMicros(judgedRow(judged, segment, entity));
      if (micros === null) column.addNull();
      else column.addMicros(micros);
    }
  }

  finish(): Data[] {
    return this.#columns.map(({ column }) => column.finish());
  }
}
