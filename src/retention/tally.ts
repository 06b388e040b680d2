// What a collection has done so far, and whether it may go on.
import type { GcRequest, Kind, Left, Removed } from './collector.ts';

export class Tally {
  readonly #limit: number;
  readonly #endsAtMillis: number;
  readonly #removed = new Map<string, Removed>();
  readonly #left = new Map<string, Left>();
  #items = 0;

  constructor({ limit, maxMillis }: GcRequest) {
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#endsAtMillis = maxMillis === null ? Number.POSITIVE_INFINITY : performance.now() + maxMillis;
  }

  /** `count`: what the limit is compared with, where that is not the number of items. */
  remove(kind: Kind, name: string, items: number, bytes: number | null, count = items): void {
    if (items === 0 && count === 0) return;
    this.#items += count;
    const known = this.#removed.get(`${kind} ${name}`);
    this.#removed.set(`${kind} ${name}`, {
      kind,
      name,
      items: items + (known?.items ?? 0),
      bytes: bytes === null ? null : bytes + (known?.bytes ?? 0),
    });
  }

  leave(kind: Kind, name: string, items: number, why: string): void {
    if (items === 0) return;
    const key = `${kind} ${name} ${why}`;
    this.#left.set(key, { kind, name, items: items + (this.#left.get(key)?.items ?? 0), why });
  }

  get items(): number {
    return this.#items;
  }

  /** What may be removed by the next step; at least one. */
  get rest(): number {
    return Math.max(1, this.#limit - this.#items);
  }

  get isSpent(): boolean {
    return this.#items >= this.#limit || performance.now() >= this.#endsAtMillis;
  }

  /** Returns whether one may go on: a budget that is spent never keeps a collection from doing at least something. */
  fromHere(): () => boolean {
    const before = this.#items;
    return () => this.#items === before || !this.isSpent;
  }

  get removed(): readonly Removed[] {
    return [...this.#removed.values()].filter(({ items }) => items > 0);
  }

  get left(): readonly Left[] {
    return [...this.#left.values()];
  }
}
