// Reads what ByteWriter wrote: little-endian numbers, LEB128, text. Bytes that end too soon or say what cannot be are
// refused, never read as something else.
import { PlumbError } from '../schemas/errors.ts';

const EMPTY = new Uint8Array(0);
/** What the eighth byte counts, and how much of it a number below 2^53 has. */
const SEVEN_BYTES = 2 ** 49;
const SAFE_EIGHTH = 16;
/** LEB128 of 2^53 - 1. */
const LONGEST_SAFE = 8;
/** LEB128 of 256 bits: nothing that is written is longer. */
const LONGEST = 37;

export class ByteReader {
  #bytes: Uint8Array = EMPTY;
  /** Of the whole buffer: things that are read one after the other often lie in one. */
  #view: DataView = new DataView(EMPTY.buffer);
  #offset = 0;
  /** Made where text is read: few entries have any. */
  #text: Buffer | null = null;
  #what = 'bytes';
  position = 0;

  constructor(bytes: Uint8Array = EMPTY, what = 'bytes') {
    this.open(bytes, what);
  }

  /** Starts over. `what` they are is told where they are refused. */
  open(bytes: Uint8Array, what: string): void {
    this.#bytes = bytes;
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer);
    this.#offset = bytes.byteOffset;
    this.#text = null;
    this.#what = what;
    this.position = 0;
  }

  get isAtEnd(): boolean {
    return this.position === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  float32(): number {
    return this.#view.getFloat32(this.#offset + this.#advance(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#offset + this.#advance(8), true);
  }

  /** At most 2^53 - 1. */
  uvarint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#longUvarint(first & 0x7f);
  }

  #longUvarint(first: number): number {
    let value = first;
    let scale = 0x80;
    for (let length = 2; length <= LONGEST_SAFE; length += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
      scale *= 0x80;
    }
    throw this.refusal('a number beyond 2^53 - 1');
  }

  /** How many things of at least `sizeBytes` each follow: no more than there are bytes for. */
  count(sizeBytes: number): number {
    const count = this.uvarint();
    if (count * sizeBytes > this.#bytes.length - this.position)
      throw this.refusal(
        `${count} items of at least ${sizeBytes} bytes, but ${this.#bytes.length - this.position} bytes are left`,
      );
    return count;
  }

  varint(): bigint {
    const short = this.shortVarint();
    return short === null ? this.#longVarint() : BigInt(short);
  }

  /** null, and nothing is read, where it is not below 2^52: `varint` reads it. */
  shortVarint(): number | null {
    // On local variables: most of an entry's bytes are the times of its rows.
    const bytes = this.#bytes;
    let { position } = this;
    let low = 0;
    for (let scale = 1; scale <= SEVEN_BYTES; scale *= 0x80) {
      const byte = bytes[position];
      // It throws: there is no such byte.
      if (byte === undefined) return this.#advance(position - this.position + 1);
      position += 1;
      low += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      if (scale === SEVEN_BYTES && byte >= SAFE_EIGHTH) return null;
      this.position = position;
      return low % 2 === 0 ? low / 2 : -(low + 1) / 2;
    }
    return null;
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let length = 1; length <= LONGEST; length += 1) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * (length - 1));
      if (byte < 0x80) return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n;
    }
    throw this.refusal('an integer beyond 256 bits');
  }

  /** A view of the next bytes. */
  slice(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    const start = this.#advance(length);
    this.#text ??= Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    return this.#text.toString('utf8', start, start + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  requireEnd(): void {
    if (!this.isAtEnd) throw this.refusal(`${this.#bytes.length - this.position} bytes more than expected`);
  }

  /** The error of bytes that are no such thing. */
  refusal(found: string): PlumbError {
    return new PlumbError('STORAGE_CORRUPT', `${this.#what} cannot be read: found ${found} at byte ${this.position}.`);
  }

  #advance(length: number): number {
    const start = this.position;
    if (start + length > this.#bytes.length)
      throw this.refusal(`the end, expected ${start + length - this.#bytes.length} bytes more,`);
    this.position = start + length;
    return start;
  }
}
