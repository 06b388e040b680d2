// Columns whose values differ in length: text and bytes.
import type { Data, DataType } from 'apache-arrow';
import { type AnswerRoom, BufferRoom } from './answer-room.ts';
import { type Column, dataOf, notOf, textOf } from './column.ts';
import { grown } from './growing.ts';
import { Nulls } from './nulls.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Up to here a loop is faster than a call into the runtime. */
const COPIED_BY_LOOP = 48;

abstract class SizedColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #offsetsRoom: BufferRoom;
  readonly #bytesRoom: BufferRoom;
  #offsets: Int32Array;
  #length = 0;
  protected bytes = new Uint8Array(0);
  protected used = 0;

  constructor(type: DataType, rows: number, room: AnswerRoom) {
    this.#type = type;
    this.#offsetsRoom = new BufferRoom(room, (rows + 1) * Int32Array.BYTES_PER_ELEMENT);
    this.#bytesRoom = new BufferRoom(room, 0);
    this.#offsets = new Int32Array(rows + 1);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (bytes[start] !== QUOTE || end - start < 2) throw notOf('quoted text', bytes, start, end);
    this.append(bytes, start + 1, end - 1);
    this.#end();
  }

  /** What stands between the quotes. */
  protected abstract append(bytes: Uint8Array, start: number, end: number): void;

  protected reserve(size: number): void {
    this.bytes = grown(this.bytes, this.used + size, this.#bytesRoom);
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    this.#end();
  }

  #end(): void {
    this.#length += 1;
    if (this.#length >= this.#offsets.length) this.#offsets = grown(this.#offsets, this.#length + 1, this.#offsetsRoom);
    this.#offsets[this.#length] = this.used;
  }

  finish(): Data {
    const valueOffsets = this.#offsets.subarray(0, this.#length + 1);
    this.#offsetsRoom.growTo(valueOffsets.byteLength);
    this.#bytesRoom.growTo(this.used);
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      valueOffsets,
      data: this.bytes.subarray(0, this.used),
    });
  }
}

export class TextColumn extends SizedColumn {
  protected override append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    if (this.#copied(bytes, start, end)) {
      this.used += end - start;
      return;
    }
    // An escape is longer than what it stands for.
    const text = JSON.parse(textOf(bytes, start - 1, end + 1)) as string;
    this.used += Buffer.from(this.bytes.buffer).write(text, this.used, 'utf8');
  }

  /** False where there are escapes. */
  #copied(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (size > COPIED_BY_LOOP) {
      const text = bytes.subarray(start, end);
      this.bytes.set(text, this.used);
      return !text.includes(BACKSLASH);
    }
    for (let index = 0; index < size; index += 1) {
      const byte = bytes[start + index] as number;
      if (byte === BACKSLASH) return false;
      this.bytes[this.used + index] = byte;
    }
    return true;
  }
}

export class BytesColumn extends SizedColumn {
  protected override append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const base64 = textOf(bytes, start, end);
    this.used += Buffer.from(this.bytes.buffer).write(base64, this.used, 'base64');
  }
}
