// Clicks as shops have them: a few users click a lot, most hardly ever; pages likewise; some clicks come late, out of order, or
// twice. The same numbers for the same seed.
export interface Click {
  readonly id: string;
  readonly user_id: number;
  readonly clicked_at: string;
  readonly page: string;
  readonly kind: 'view' | 'order';
}

export interface Generating {
  readonly seed: number;
  readonly users: number;
  readonly pages: number;
}

const LATE_SHARE = 0.1;
const MOST_LATE_MILLIS = 20 * 60_000;
const TWICE_SHARE = 0.05;
const ORDER_SHARE = 0.03;
/** Share of clicks that go on with the page views of a visit, by the user who clicked before. */
const SAME_VISIT_SHARE = 0.6;

export class Clicks {
  readonly #random: () => number;
  readonly #users: () => number;
  readonly #pages: () => number;
  #made = 0;
  #user = 1;
  /** Different ones. */
  readonly all: Click[] = [];

  constructor({ seed, users, pages }: Generating) {
    this.#random = randomOf(seed);
    this.#users = zipf(users, this.#random);
    this.#pages = zipf(pages, this.#random);
  }

  /** So many, as they arrive: repeated ones are among them. */
  next(count: number, nowMillis: number): readonly Click[] {
    const batch: Click[] = [];
    while (batch.length < count) {
      const again = this.all[Math.floor(this.#random() * this.all.length)];
      if (again !== undefined && this.#random() < TWICE_SHARE) batch.push(again);
      else batch.push(this.#make(nowMillis));
    }
    return batch;
  }

  #make(nowMillis: number): Click {
    if (this.#random() > SAME_VISIT_SHARE) this.#user = this.#users();
    const isLate = this.#random() < LATE_SHARE;
    const agoMillis = Math.floor(this.#random() * (isLate ? MOST_LATE_MILLIS : 1000));
    this.#made += 1;
    const click: Click = {
      id: `click-${this.#made}`,
      user_id: this.#user,
      clicked_at: new Date(nowMillis - agoMillis).toISOString(),
      page: `/page/${this.#pages()}`,
      kind: this.#random() < ORDER_SHARE ? 'order' : 'view',
    };
    this.all.push(click);
    return click;
  }
}

/** 1 to `count`, each with a share of 1 / its number. */
function zipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  for (let n = 1; n <= count; n += 1) sums.push((sums.at(-1) ?? 0) + 1 / n);
  const total = sums.at(-1) ?? 1;
  return () => {
    const wanted = random() * total;
    return sums.findIndex((sum) => sum >= wanted) + 1;
  };
}

/** Mulberry32: numbers from 0 to 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
