// Appends to one large buffer that is used anew for each record; a finished record is a copy. What the contenders that
// are not in the product write with.

export class RecordWriter {
  readonly bytes = Buffer.alloc(4 * 1024 * 1024);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
  position = 0;

  /** Starts a record with `size` zero bytes. */
  begin(size: number): void {
    this.bytes.fill(0, 0, size);
    this.position = size;
  }

  reserve(size: number): void {
    if (this.position + size > this.bytes.length) throw new RangeError('a record of more than 4 MiB');
  }

  text(value: string): void {
    this.position += this.bytes.write(value, this.position);
  }

  copy(value: Uint8Array): void {
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  byte(value: number): void {
    this.bytes[this.position] = value;
    this.position += 1;
  }

  uint32(value: number): void {
    this.patchUint32(this.position, value);
    this.position += 4;
  }

  patchUint32(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.bytes.subarray(0, this.position));
  }
}
