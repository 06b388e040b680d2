// Appends bytes to large slabs and hands out finished records as views of them: no allocation per value, one small
// object per record. A record never spans two slabs, and slabs are never reused, so views stay valid.

const SLAB_BYTES = 64 * 1024;

export class ByteWriter {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the next byte goes, in `bytes`. */
  position = 0;
  #start = 0;
  #text: Buffer = Buffer.alloc(0);

  /** Starts a record whose first `size` bytes are zero and may be written at `start + offset`; answers `start`. */
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
    const bytes = new Uint8Array(Math.max(SLAB_BYTES, 2 * (used + size)));
    bytes.set(this.bytes.subarray(this.#start, this.position));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.#text = Buffer.from(bytes.buffer);
    this.#start = 0;
    this.position = used;
  }

  /** Where the current record starts in `bytes`. */
  get start(): number {
    return this.#start;
  }

  text(value: string): void {
    this.reserve(value.length * 3);
    this.position += this.#text.write(value, this.position);
  }

  copy(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position] = value;
    this.position += 1;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  finish(): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.#start, this.position - this.#start);
  }
}
