// A small deterministic source of randomness (mulberry32): one seed, one world, on every machine.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [low, high]. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.int(0, items.length - 1)] as T;
  }

  /** The first half of the time, else any: a hot key. */
  pickHot<T>(items: readonly T[]): T {
    return this.chance(0.5) ? this.pick(items.slice(0, 1)) : this.pick(items);
  }

  /** `count` different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const order = items.map((item) => ({ item, at: this.next() })).sort((a, b) => a.at - b.at);
    return order.slice(0, count).map(({ item }) => item);
  }

  /** A duration in [0, limit) micros. */
  micros(limit: bigint): bigint {
    return (BigInt(this.int(0, 2 ** 31)) * limit) / 2n ** 32n + (BigInt(this.int(0, 2 ** 31)) * limit) / 2n ** 32n;
  }
}
