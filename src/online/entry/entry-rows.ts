// The rows of an entry as bytes, newest first (docs/specs/entry-codec.md).
import type { Value } from '../../../schemas/types.ts';
import { FAILED, type Input } from '../../aggregate/partial.ts';
import { orderOfPositions } from '../../aggregate/row-order.ts';
import { type ValueCodec, valueCodec } from '../../aggregate/value-codec.ts';
import { orderInTime, orderOfValues } from '../../aggregate/value-order.ts';
import type { ByteReader } from '../../byte-reader.ts';
import type { ByteWriter } from '../../byte-writer.ts';
import type { EntryRow } from './entry.ts';
import type { EntryDefinition } from './entry-layout.ts';
import { ReadRows } from './read-rows.ts';

const FLAG = { created: 1, position: 2, failed: 4 } as const;
const ALL_FLAGS = 7;
/** Two bits for each cell, four cells a byte, the first in the lowest bits. */
const MARK = { null: 0, value: 1, failed: 2 } as const;
const CELLS_A_BYTE = 4;

export interface RowsCodec {
  write(rows: readonly EntryRow[], frontierMicros: bigint, out: ByteWriter): void;
  /** Those that were read last. */
  readonly rows: ReadRows;
  read(frontierMicros: bigint, bytes: ByteReader): ReadRows;
}

export function rowsCodec({ cells }: EntryDefinition): RowsCodec {
  const codecs = cells.map(valueCodec);
  const rows = new ReadRows(cells.length);
  const reading: Reading = { codecs, rows, marks: new Uint8Array(Math.ceil(cells.length / CELLS_A_BYTE)) };
  return {
    rows,
    write: (written, frontierMicros, out) => {
      out.uvarint(written.length);
      let before = frontierMicros;
      for (const row of written.toSorted((a, b) => orderOfEntryRows(b, a))) {
        writeRow(row, { codecs, before }, out);
        before = row.eventMicros;
      }
    },
    read: (frontierMicros, bytes) => {
      rows.begin(frontierMicros);
      for (let left = bytes.count(2); left > 0; left -= 1) readRow(reading, bytes);
      return rows;
    },
  };
}

interface RowContext {
  readonly codecs: readonly ValueCodec[];
  /** Event time of the row before, which is newer. */
  readonly before: bigint;
}

function writeRow(row: EntryRow, { codecs, before }: RowContext, out: ByteWriter): void {
  const { eventMicros, createdMicros, position, failed, cells } = row;
  out.byte(
    (createdMicros === null ? 0 : FLAG.created) | (position === null ? 0 : FLAG.position) | (failed ? FLAG.failed : 0),
  );
  out.varint(before - eventMicros);
  if (createdMicros !== null) out.varint(createdMicros - eventMicros);
  if (position !== null) {
    out.uvarint(position.partition);
    out.varint(position.offset);
  }
  for (let first = 0; first < codecs.length; first += CELLS_A_BYTE) {
    let marks = 0;
    for (let i = 0; i < CELLS_A_BYTE; i += 1) marks |= markOf(cells[first + i] ?? null) << (2 * i);
    out.byte(marks);
  }
  for (const [i, codec] of codecs.entries()) {
    const cell = cells[i] ?? null;
    if (cell !== FAILED && cell !== null) codec.write(cell, out);
  }
}

const markOf = (cell: Input): number => (cell === null ? MARK.null : cell === FAILED ? MARK.failed : MARK.value);

interface Reading {
  readonly codecs: readonly ValueCodec[];
  readonly rows: ReadRows;
  /** Of the row that is read. */
  readonly marks: Uint8Array;
}

function readRow(reading: Reading, bytes: ByteReader): void {
  const flags = bytes.byte();
  if (flags > ALL_FLAGS) throw bytes.refusal(`flags ${flags} of a row, expected at most ${ALL_FLAGS},`);
  const agoMicros = bytes.shortVarint() ?? bytes.varint();
  if (flags === 0) {
    readCells(reading, bytes);
    reading.rows.add(agoMicros);
    return;
  }
  const afterMicros = (flags & FLAG.created) === 0 ? null : bytes.varint();
  const position = (flags & FLAG.position) === 0 ? null : { partition: bytes.uvarint(), offset: bytes.varint() };
  readCells(reading, bytes);
  reading.rows.addPlaced({ agoMicros, afterMicros, position, failed: (flags & FLAG.failed) !== 0 });
}

function readCells({ codecs, rows, marks }: Reading, bytes: ByteReader): void {
  for (let i = 0; i < marks.length; i += 1) marks[i] = bytes.byte();
  for (let i = 0; i < codecs.length; i += 1) {
    const mark = ((marks[i >> 2] as number) >> (2 * (i & 3))) & 3;
    if (mark === MARK.value) rows.setCell(i, (codecs[i] as ValueCodec).read(bytes));
    else if (mark === MARK.null) rows.setCell(i, null);
    else if (mark === MARK.failed) rows.setCell(i, FAILED);
    else throw bytes.refusal(`mark ${mark} of a cell`);
  }
}

/** Row order; rows that it calls equal differ in what failed, if at all. */
export function orderOfEntryRows(a: EntryRow, b: EntryRow): number {
  return (
    orderInTime(a, b) ||
    orderOfPositions(a.position, b.position) ||
    orderOfValues(a.cells.map(known), b.cells.map(known)) ||
    orderOfValues(a.cells.map(hasFailed), b.cells.map(hasFailed)) ||
    Number(a.failed) - Number(b.failed)
  );
}

const known = (cell: Input): Value => (cell === FAILED ? null : cell);
const hasFailed = (cell: Input): Value => cell === FAILED;
