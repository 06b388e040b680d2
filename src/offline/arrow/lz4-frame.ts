// Decoder of LZ4 frames (LZ4 Frame Format 1.6, no dictionaries), the default compression of Feather and Arrow IPC files.
// Checksums are skipped: the Arrow reader checks the structure of the result.
//
//   magic 04 22 4D 18 | FLG | BD | [content size, 8] | header checksum | block … | 0, 4 | [content checksum, 4]
//   block: size, 4 (top bit: stored) | data | [checksum, 4]

import { ArrowDamage } from './arrow-damage.ts';
import { takeBytes } from './label-limits.ts';

const MAGIC = 0x184d2204;
const STORED = 0x80000000;
/** LZ4 cannot shrink data more than this. */
const MAX_RATIO = 255;

export function decodeLz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new ArrowDamage('found no LZ4 frame where one is expected');
  const flags = view.getUint8(4);
  const [blockChecksum, sized, withDictionary] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 0x01) !== 0];
  if (flags >> 6 !== 1 || withDictionary) throw new ArrowDamage('found an LZ4 frame of an unknown kind');
  const size = sized ? Number(view.getBigUint64(6, true)) : frame.byteLength * 4;
  const output = new Output(Math.min(size, frame.byteLength * MAX_RATIO));

  let at = sized ? 15 : 7;
  for (;;) {
    const length = view.getUint32(at, true);
    at += 4;
    if (length === 0) break;
    const end = at + (length & ~STORED);
    if (end > frame.byteLength) throw new ArrowDamage('the LZ4 frame is truncated');
    if ((length & STORED) !== 0) output.append(frame, at, end);
    else decodeBlock(frame, at, end, output);
    at = blockChecksum ? end + 4 : end;
  }
  const content = output.content();
  if (sized && content.byteLength !== size)
    throw new ArrowDamage(`an LZ4 frame holds ${content.byteLength} bytes, expected ${size}`);
  return content;
}

/** Sequences of: token | more of the literal length | literals | offset, 2 | more of the match length. */
function decodeBlock(frame: Uint8Array, start: number, end: number, output: Output): void {
  let at = start;
  const length = (nibble: number): number => {
    let total = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; total += byte)
      byte = at < end ? (frame[at++] as number) : fail();
    return total;
  };
  while (at < end) {
    const token = frame[at++] as number;
    const literals = length(token >> 4);
    if (at + literals > end) fail();
    output.append(frame, at, at + literals);
    at += literals;
    if (at === end) return;
    if (at + 2 > end) fail();
    const offset = (frame[at] as number) | ((frame[at + 1] as number) << 8);
    at += 2;
    output.repeat(offset, length(token & 15) + 4);
  }
}

function fail(): never {
  throw new ArrowDamage('an LZ4 block is damaged');
}

class Output {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    takeBytes(capacity);
    this.#bytes = new Uint8Array(capacity);
  }

  append(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.set(from.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** Copies what was written `offset` bytes ago; the copy may overlap its source, which repeats it. */
  repeat(offset: number, count: number): void {
    if (offset === 0 || offset > this.#length) fail();
    this.#reserve(count);
    const [bytes, from] = [this.#bytes, this.#length - offset];
    if (offset >= count) bytes.copyWithin(this.#length, from, from + count);
    else for (let index = 0; index < count; index++) bytes[this.#length + index] = bytes[from + index] as number;
    this.#length += count;
  }

  /** What was taken beyond it is given back. */
  content(): Uint8Array {
    takeBytes(this.#length - this.#bytes.byteLength);
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.byteLength) return;
    const capacity = Math.max(this.#length + more, this.#bytes.byteLength * 2);
    takeBytes(capacity - this.#bytes.byteLength);
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
