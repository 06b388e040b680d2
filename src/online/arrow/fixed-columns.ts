// Columns whose values all have the same size.
import type { Data, DataType } from 'apache-arrow';
import { readFormattedInstant } from '../../instant.ts';
import { type AnswerRoom, BufferRoom } from './answer-room.ts';
import { type Column, dataOf, notOf, textOf } from './column.ts';
import { grown } from './growing.ts';
import { writeInt64 } from './int64-words.ts';
import { Nulls } from './nulls.ts';
import { readInstantParts } from './read-instant.ts';
import { readNumber } from './read-number.ts';

/** float64, float32 and int32. */
export class NumberColumn<A extends Float64Array | Float32Array | Int32Array = Float64Array> implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #room: BufferRoom;
  readonly #isInteger: boolean;
  #values: A;
  #length = 0;

  /** `values`: room for as many as are expected. */
  constructor(type: DataType, values: A, room: AnswerRoom) {
    this.#type = type;
    this.#values = values;
    this.#isInteger = values instanceof Int32Array;
    this.#room = new BufferRoom(room, values.byteLength);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const quick = readNumber(bytes, start, end);
    const value = Number.isNaN(quick) ? this.#parsed(bytes, start, end) : quick;
    if (this.#isInteger && (value | 0) !== value) throw notOf('an int32', bytes, start, end);
    if (this.#length === this.#values.length) this.#grow(this.#length + 1);
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  #parsed(bytes: Uint8Array, start: number, end: number): number {
    const value: unknown = JSON.parse(textOf(bytes, start, end));
    if (typeof value === 'number') return value;
    throw notOf('a number', bytes, start, end);
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    this.skip(1);
  }

  /** Zeros in the place of `count` values. */
  skip(count: number): void {
    this.#grow(this.#length + count);
    this.#length += count;
  }

  #grow(length: number): void {
    this.#values = grown(this.#values, length, this.#room);
  }

  finish(): Data {
    const data = this.#values.subarray(0, this.#length);
    this.#room.growTo(data.byteLength);
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      data: data,
    });
  }
}

/** int64, and instants as microseconds. */
abstract class Int64Words implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #room: BufferRoom;
  protected values: BigInt64Array;
  protected words: Int32Array;
  protected length = 0;

  constructor(type: DataType, rows: number, room: AnswerRoom) {
    this.#type = type;
    this.#room = new BufferRoom(room, rows * BigInt64Array.BYTES_PER_ELEMENT);
    this.values = new BigInt64Array(rows);
    this.words = new Int32Array(this.values.buffer);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#grow();
    this.read(bytes, start, end);
    this.length += 1;
  }

  /** Writes value number `length`. */
  protected abstract read(bytes: Uint8Array, start: number, end: number): void;

  addNull(): void {
    this.#grow();
    this.#nulls.add(this.length);
    this.length += 1;
  }

  #grow(): void {
    if (this.length < this.values.length) return;
    this.values = grown(this.values, this.length + 1, this.#room);
    this.words = new Int32Array(this.values.buffer);
  }

  finish(): Data {
    const data = this.values.subarray(0, this.length);
    this.#room.growTo(data.byteLength);
    return dataOf({ type: this.#type, length: this.length, ...this.#nulls.finish(this.length), data });
  }
}

const ZERO = 0x30;
const MINUS = 0x2d;
/** Together they hold the 19 digits of an int64. */
const FACTOR_DIGITS = 15;
const REST_POWERS = [1, 10, 100, 1000, 10_000] as const;

export class Int64Column extends Int64Words {
  protected override read(bytes: Uint8Array, start: number, end: number): void {
    const sign = bytes[start] === MINUS ? -1 : 1;
    let at = sign < 0 ? start + 1 : start;
    const factorEnd = Math.min(end, at + FACTOR_DIGITS);
    let factor = at === end ? Number.NaN : 0;
    for (; at < factorEnd; at += 1) factor = appended(factor, bytes[at] as number);
    const power = REST_POWERS[end - at] ?? Number.NaN;
    let rest = 0;
    for (; at < end; at += 1) rest = appended(rest, bytes[at] as number);
    const isRead = Number.isFinite(factor + rest + power);
    if (!isRead || !writeInt64(this.words, this.length, { factor: sign * factor, power, rest: sign * rest }))
      throw notOf('an int64', bytes, start, end);
  }
}

function appended(integer: number, character: number): number {
  const digit = character - ZERO;
  return digit >= 0 && digit <= 9 ? integer * 10 + digit : Number.NaN;
}

export class InstantColumn extends Int64Words {
  protected override read(bytes: Uint8Array, start: number, end: number): void {
    const parts = readInstantParts(bytes, start, end);
    if (
      parts !== null &&
      writeInt64(this.words, this.length, { factor: parts.seconds, power: 1_000_000, rest: parts.micros })
    )
      return;
    const micros = readFormattedInstant(textOf(bytes, start + 1, end - 1));
    if (micros === null) throw notOf('an instant', bytes, start, end);
    this.values[this.length] = micros;
  }

  addMicros(micros: bigint): void {
    this.values[this.length] = micros;
    this.length += 1;
  }
}

const T = 0x74;

export class BoolColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #room: BufferRoom;
  #bits: Uint8Array;
  #length = 0;

  constructor(type: DataType, rows: number, room: AnswerRoom) {
    this.#type = type;
    this.#bits = new Uint8Array((rows + 7) >> 3);
    this.#room = new BufferRoom(room, this.#bits.byteLength);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const isTrue = bytes[start] === T;
    if (end - start !== (isTrue ? 4 : 5)) throw notOf('true or false', bytes, start, end);
    this.#bits = grown(this.#bits, (this.#length >> 3) + 1, this.#room);
    if (isTrue) this.#bits[this.#length >> 3] = (this.#bits[this.#length >> 3] as number) | (1 << (this.#length & 7));
    this.#length += 1;
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    this.#length += 1;
    this.#bits = grown(this.#bits, (this.#length + 7) >> 3, this.#room);
  }

  finish(): Data {
    const data = this.#bits.subarray(0, (this.#length + 7) >> 3);
    this.#room.growTo(data.byteLength);
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      data,
    });
  }
}
