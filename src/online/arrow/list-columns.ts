// Lists, and vectors, which are lists of one length: their elements are a column of their own.
import type { Data, DataType } from 'apache-arrow';
import { type AnswerRoom, BufferRoom } from './answer-room.ts';
import { addText, type Column, dataOf, notOf } from './column.ts';
import type { NumberColumn } from './fixed-columns.ts';
import { grown } from './growing.ts';
import { Nulls } from './nulls.ts';

const [OPEN, CLOSE, COMMA, QUOTE, BACKSLASH] = [0x5b, 0x5d, 0x2c, 0x22, 0x5c];

/** Adds each element of `[a,b,null]` to the column, and returns how many there are. */
function addElements(elements: Column, bytes: Uint8Array, start: number, end: number): number {
  const last = end - 1;
  if (bytes[start] !== OPEN || bytes[last] !== CLOSE) throw notOf('a list', bytes, start, end);
  if (last === start + 1) return 0;
  let count = 0;
  for (let at = start + 1; at <= last; count += 1) {
    const elementEnd = bytes[at] === QUOTE ? quotedEnd(bytes, at, last) : plainEnd(bytes, at, last);
    addText(elements, bytes, at, elementEnd);
    at = elementEnd + 1;
  }
  return count;
}

function plainEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && bytes[at] !== COMMA) at += 1;
  return at;
}

function quotedEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start + 1;
  while (at < limit && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, limit);
}

export class ListColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #elements: Column;
  readonly #room: BufferRoom;
  #offsets: Int32Array;
  #length = 0;
  #used = 0;

  constructor(type: DataType, elements: Column, rows: number, room: AnswerRoom) {
    this.#type = type;
    this.#elements = elements;
    this.#room = new BufferRoom(room, (rows + 1) * Int32Array.BYTES_PER_ELEMENT);
    this.#offsets = new Int32Array(rows + 1);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#used += addElements(this.#elements, bytes, start, end);
    this.#end();
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    this.#end();
  }

  #end(): void {
    this.#length += 1;
    this.#offsets = grown(this.#offsets, this.#length + 1, this.#room);
    this.#offsets[this.#length] = this.#used;
  }

  finish(): Data {
    const valueOffsets = this.#offsets.subarray(0, this.#length + 1);
    this.#room.growTo(valueOffsets.byteLength);
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      valueOffsets,
      child: this.#elements.finish(),
    });
  }
}

export class VectorColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #elements: NumberColumn<Float32Array>;
  readonly #size: number;
  #length = 0;

  constructor(type: DataType, elements: NumberColumn<Float32Array>, size: number) {
    this.#type = type;
    this.#elements = elements;
    this.#size = size;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (addElements(this.#elements, bytes, start, end) !== this.#size)
      throw notOf(`a vector of ${this.#size}`, bytes, start, end);
    this.#length += 1;
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    this.#elements.skip(this.#size);
    this.#length += 1;
  }

  finish(): Data {
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      child: this.#elements.finish(),
    });
  }
}
