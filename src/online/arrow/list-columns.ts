// Lists, maps (lists of entries), and vectors, which are lists of one length: their elements are a column of their own.
import type { Data, DataType } from 'apache-arrow';
import { type AnswerRoom, BufferRoom } from './answer-room.ts';
import { addText, type Column, dataOf, notOf } from './column.ts';
import type { NumberColumn } from './fixed-columns.ts';
import { grown } from './growing.ts';
import { Nulls } from './nulls.ts';
import { eachElement } from './parts-of-text.ts';

/** What the elements of all values of a column go into. */
export interface Elements {
  /** Of one value; returns how many there are. */
  add(bytes: Uint8Array, start: number, end: number): number;
  finish(): Data;
}

const addAll = (column: Column, bytes: Uint8Array, start: number, end: number): number =>
  eachElement(bytes, start, end, (from, at, to) => addText(column, from, at, to));

export const elementsOf = (column: Column): Elements => ({
  add: (bytes, start, end) => addAll(column, bytes, start, end),
  finish: () => column.finish(),
});

export class ListColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #elements: Elements;
  readonly #room: BufferRoom;
  #offsets: Int32Array;
  #length = 0;
  #used = 0;

  constructor(type: DataType, elements: Elements, rows: number, room: AnswerRoom) {
    this.#type = type;
    this.#elements = elements;
    this.#room = new BufferRoom(room, (rows + 1) * Int32Array.BYTES_PER_ELEMENT);
    this.#offsets = new Int32Array(rows + 1);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#used += this.#elements.add(bytes, start, end);
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
    if (addAll(this.#elements, bytes, start, end) !== this.#size)
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
