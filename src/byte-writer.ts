// Appends bytes to large slabs and hands out finished records as views of them: no allocation per value, one small
// object per record. A record never spans two slabs, and slabs are never reused, so views stay valid.

const SLAB_BYTES = 64 * 1024;
/** Up to here a loop is faster than a call into the runtime. */
const COPIED_BY_LOOP = 48;
const COMMA = 0x2c;
const LARGEST_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes, in `bytes`. */
  position = 0;
  #start = 0;
  #text: Buffer = Buffer.alloc(0);

  /** Starts a record whose first `size` bytes are to be written at `start + offset`; returns `start`. */
  begin(size: number): number {
    this.#start = this.position;
    this.reserve(size);
    this.position += size;
    return this.#start;
  }

  /** Makes room for `size` more bytes; moves the record to a new slab where needed, so offsets held before are stale. */
  reserve(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    const used = this.position - this.#start;
    // Not zeroed, and not from the pool: every byte of a record is written.
    const { buffer } = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (used + size)));
    const bytes = new Uint8Array(buffer);
    bytes.set(this.bytes.subarray(this.#start, this.position));
    this.bytes = bytes;
    this.view = new DataView(buffer);
    this.#text = Buffer.from(buffer);
    this.#start = 0;
    this.position = used;
  }

  /** Bytes of the current record so far. */
  get length(): number {
    return this.position - this.#start;
  }

  /** Where the current record starts in `bytes`. */
  get start(): number {
    return this.#start;
  }

  /** As UTF-8. */
  text(value: string): void {
    this.reserve(value.length * 3);
    this.position += this.#text.write(value, this.position);
  }

  /** Of ASCII characters only. */
  ascii(value: string): void {
    const { length } = value;
    this.reserve(length);
    const { bytes, position } = this;
    for (let index = 0; index < length; index += 1) bytes[position + index] = value.charCodeAt(index);
    this.position = position + length;
  }

  copy(value: Uint8Array): void {
    this.slice(value, 0, value.length);
  }

  /** The bytes of `source` from `start` to `end`. */
  slice(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.reserve(size);
    const { bytes, position } = this;
    if (size > COPIED_BY_LOOP) bytes.set(source.subarray(start, end), position);
    else for (let index = 0; index < size; index += 1) bytes[position + index] = source[start + index] as number;
    this.position += size;
  }

  /** `value` as often as that, with commas between: each copy takes twice as much as the one before. */
  repeat(value: Uint8Array, count: number): void {
    const size = (value.length + 1) * count - 1;
    this.reserve(size);
    const { bytes, position: start } = this;
    bytes.set(value, start);
    bytes[start + value.length] = COMMA;
    for (let done = value.length + 1; done < size; done *= 2)
      bytes.copyWithin(start + done, start, start + Math.min(done, size - done));
    this.position = start + size;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position] = value;
    this.position += 1;
  }

  /** Little-endian, as all numbers here. */
  int64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.position, value, true);
    this.position += 8;
  }

  float32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.position, value, true);
    this.position += 4;
  }

  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** A whole number from 0 to 2^53 - 1 as LEB128: seven bits a byte, the lowest first, the top bit set but for the last. */
  uvarint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position] = (rest % 0x80) | 0x80;
      this.position += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.position] = rest;
    this.position += 1;
  }

  /** A whole number of any size, zigzag (0, -1, 1, -2, … as 0, 1, 2, 3, …), then LEB128. */
  varint(value: bigint): void {
    let rest = value < 0n ? -2n * value - 1n : 2n * value;
    while (rest > LARGEST_SAFE) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.uvarint(Number(rest));
  }

  /** Each in `sizeBytes` bytes: 1, 2 or 4. */
  uints(values: Uint32Array, sizeBytes: number): void {
    this.reserve(values.length * sizeBytes);
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] as number;
      this.bytes[this.position] = value;
      if (sizeBytes > 1) this.bytes[this.position + 1] = value >>> 8;
      if (sizeBytes > 2) this.view.setUint32(this.position, value, true);
      this.position += sizeBytes;
    }
  }

  /** Forgets the record: its room is used for the next. */
  drop(): void {
    this.position = this.#start;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.buffer, this.#start, this.position - this.#start);
  }
}
