// When to stop asking a server that fails again and again, and when to try it again.
//
//            `failures` in a row              `openMillis` later, or a new connection
//   closed ───────────────────────▶ open ───────────────────────────────────────────▶ half open
//     ▲                              ▲                                                    │
//     └── the probe is answered ─────┼────────────────────────────────────────────────────┤
//                                    └── it fails: open again, twice as long ─────────────┘
//
// Knows no clock and no server: `now` is given.

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open at first; doubles with each failed probe, up to sixteen times that. */
  readonly openMillis: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** From 0 to 1; keeps many servers from probing in step. */
  readonly random: () => number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

const MOST_DOUBLINGS = 4;

export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failuresInRow = 0;
  #state: BreakerState = 'closed';
  #isProbing = false;
  #openUntil = 0;
  #doublings = 0;
  #openings = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** How often it opened. */
  get openings(): number {
    return this.#openings;
  }

  /** Whether a call may go now. While it is half open, one call at a time is the probe. */
  admits(): boolean {
    if (this.#state === 'closed') return true;
    if (this.#state === 'open' && this.#options.now() >= this.#openUntil) this.#state = 'half_open';
    if (this.#state === 'open' || this.#isProbing) return false;
    this.#isProbing = true;
    return true;
  }

  /** When to ask again, at the earliest. */
  get retryAfterMillis(): number {
    return this.#state === 'open' ? Math.max(1, Math.ceil(this.#openUntil - this.#options.now())) : 0;
  }

  succeeded(): void {
    this.#failuresInRow = 0;
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#isProbing = false;
    this.#doublings = 0;
  }

  failed(): void {
    this.#failuresInRow += 1;
    if (this.#state === 'closed' && this.#failuresInRow >= this.#options.failures) this.#open();
    else if (this.#state === 'half_open') {
      this.#doublings = Math.min(MOST_DOUBLINGS, this.#doublings + 1);
      this.#open();
    }
  }

  /** The server took a new connection and answered on it: worth a probe at once. */
  reconnected(): void {
    if (this.#state !== 'open') return;
    this.#state = 'half_open';
    this.#isProbing = false;
  }

  #open(): void {
    const { now, random, openMillis } = this.#options;
    const pause = openMillis * 2 ** this.#doublings;
    this.#state = 'open';
    this.#isProbing = false;
    this.#openings += 1;
    this.#openUntil = now() + pause / 2 + (random() * pause) / 2;
  }
}
