// Commands → the bytes that Redis reads, many in one buffer. A client's own encoder makes several small objects per
// argument; a batch of hundreds of keys is written here in one pass.
const RETURN = 13;
const NEWLINE = 10;
/** `$`, up to ten digits, two line ends. */
const BULK_OVERHEAD_BYTES = 15;

/** Commands in the form of the wire, to be sent in this order. */
export interface Commands {
  readonly bytes: Buffer;
  readonly count: number;
}

/** An argument in the form of the wire. */
export const encodeBulk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);

/** A command on keys that begin alike: its bytes before a key of some length, and those behind any key. */
export interface KeyFrame {
  readonly before: (keyLength: number) => Uint8Array;
  readonly behind: Uint8Array;
}

const LONGEST_KEPT = 256;

/** `rest`: the arguments behind the key, as `encodeBulk` made them. */
export function keyFrame(name: string, prefix: Uint8Array, rest: readonly Uint8Array[]): KeyFrame {
  const heads: Uint8Array[] = [];
  const headOf = (keyLength: number): Uint8Array =>
    Buffer.concat([
      Buffer.from(`*${rest.length + 2}\r\n$${name.length}\r\n${name}\r\n$${prefix.length + keyLength}\r\n`),
      prefix,
    ]);
  return {
    before: (keyLength) => {
      if (keyLength > LONGEST_KEPT) return headOf(keyLength);
      heads[keyLength] ??= headOf(keyLength);
      return heads[keyLength];
    },
    behind: Buffer.concat([Buffer.from('\r\n'), ...rest]),
  };
}

export class RespWriter {
  #bytes: Buffer;
  #position = 0;
  #count = 0;

  /** `sizeBytes`: what will probably be needed. */
  constructor(sizeBytes = 512) {
    this.#bytes = Buffer.allocUnsafe(sizeBytes);
  }

  /** Starts a command; `argumentCount` arguments follow. */
  command(name: string, argumentCount: number): this {
    const head = `*${argumentCount + 1}\r\n$${name.length}\r\n${name}\r\n`;
    this.#reserve(head.length);
    this.#position += this.#bytes.write(head, this.#position, 'latin1');
    this.#count += 1;
    return this;
  }

  argument(bytes: Uint8Array | string): this {
    return typeof bytes === 'string' ? this.#bulk(Buffer.from(bytes), null) : this.#bulk(bytes, null);
  }

  /** One argument in two parts. */
  joined(start: Uint8Array, end: Uint8Array): this {
    return this.#bulk(start, end);
  }

  /** Bytes that `encodeBulk` made. */
  encoded(bulks: Uint8Array): this {
    this.#reserve(bulks.length);
    this.#bytes.set(bulks, this.#position);
    this.#position += bulks.length;
    return this;
  }

  /** A whole command in the form of the wire. */
  packed(command: Uint8Array): this {
    this.#count += 1;
    return this.encoded(command);
  }

  /** A whole command of which only the key varies: what stands before and behind it was made once. */
  keyed({ before, behind }: KeyFrame, key: Uint8Array): this {
    const head = before(key.length);
    this.#reserve(head.length + key.length + behind.length);
    const bytes = this.#bytes;
    bytes.set(head, this.#position);
    let position = this.#position + head.length;
    // Faster than `set` for the few bytes of most keys.
    for (let index = 0; index < key.length; index += 1, position += 1) bytes[position] = key[index] as number;
    bytes.set(behind, position);
    this.#position = position + behind.length;
    this.#count += 1;
    return this;
  }

  finish(): Commands {
    return { bytes: this.#bytes.subarray(0, this.#position), count: this.#count };
  }

  #bulk(start: Uint8Array, end: Uint8Array | null): this {
    const sizeBytes = start.length + (end?.length ?? 0);
    this.#reserve(sizeBytes + BULK_OVERHEAD_BYTES);
    const bytes = this.#bytes;
    let position = this.#position + bytes.write(`$${sizeBytes}\r\n`, this.#position, 'latin1');
    bytes.set(start, position);
    position += start.length;
    if (end !== null) {
      bytes.set(end, position);
      position += end.length;
    }
    bytes[position] = RETURN;
    bytes[position + 1] = NEWLINE;
    this.#position = position + 2;
    return this;
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#position + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#position);
    this.#bytes = bytes;
  }
}
