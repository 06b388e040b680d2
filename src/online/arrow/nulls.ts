// Which values of a column are null. Most columns have none, and then no bitmap.

export interface NullBits {
  readonly nullCount: number;
  /** 1: there; Arrow's order of bits. Empty where nothing is null. */
  readonly nullBitmap: Uint8Array;
}

const NONE = new Uint8Array(0);

export class Nulls {
  #count = 0;
  /** 1: null. */
  #bits = NONE;

  add(index: number): void {
    const at = index >> 3;
    if (at >= this.#bits.length) {
      const bits = new Uint8Array(Math.max(64, 2 * at));
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (index & 7));
    this.#count += 1;
  }

  /** Of a column of that many values. */
  finish(length: number): NullBits {
    if (this.#count === 0) return { nullCount: 0, nullBitmap: NONE };
    const nullBitmap = new Uint8Array((length + 7) >> 3);
    for (let at = 0; at < nullBitmap.length; at += 1) nullBitmap[at] = ~(this.#bits[at] ?? 0);
    return { nullCount: this.#count, nullBitmap };
  }
}
