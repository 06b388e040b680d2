// Columns of statuses: a byte per value, and one dictionary for all of them.
import { type Data, makeData, Utf8, Vector } from 'apache-arrow';
import { STATUSES, type Status } from '../../../schemas/types.ts';
import { valueStatus } from '../lookup/judge-rows.ts';
import type { OpenedRow } from '../lookup/live-view.ts';
import type { Segment } from '../lookup/segments.ts';
import { hasNulls, type StoredRow } from '../stored-row.ts';
import type { AnswerRoom } from './answer-room.ts';
import { STATUS } from './arrow-types.ts';

const DICTIONARY = new Vector([
  makeData({
    type: new Utf8(),
    length: STATUSES.length,
    nullCount: 0,
    valueOffsets: Int32Array.from([0, ...STATUSES.map((_, index) => STATUSES.slice(0, index + 1).join('').length)]),
    data: Buffer.from(STATUSES.join('')),
  }),
]);

const INDEXES = Object.fromEntries(STATUSES.map((status, index) => [status, index])) as Record<Status, number>;

export class Statuses {
  readonly #columns: readonly Int8Array[];
  #row = 0;

  constructor(columnCount: number, rows: number, room: AnswerRoom) {
    room.take(columnCount * rows);
    this.#columns = Array.from({ length: columnCount }, () => new Int8Array(rows));
  }

  /** `output`: the column of the segment's first feature. */
  add({ row, status }: OpenedRow, { first, last }: Segment, output: number): void {
    const shared = status ?? (hasNulls(row as StoredRow) ? null : 'PRESENT');
    for (let feature = first; feature <= last; feature += 1) {
      const column = this.#columns[output + feature - first] as Int8Array;
      column[this.#row] = INDEXES[shared ?? valueStatus(row as StoredRow, feature)];
    }
  }

  endRow(): void {
    this.#row += 1;
  }

  finish(): Data[] {
    return this.#columns.map((data) =>
      makeData({ type: STATUS, length: data.length, nullCount: 0, data, dictionary: DICTIONARY }),
    );
  }
}
