// How many events the next step takes: as many as one step can apply in a time that lookups and freshness do not feel.
const LEAST_EVENTS = 200;
const MOST_EVENTS = 20_000;
const MOST_BYTES = 16 * 1024 * 1024;
const SHORT_MILLIS = 60;
const LONG_MILLIS = 200;

export class Pace {
  #events = 1000;

  get limits() {
    return { events: this.#events, bytes: MOST_BYTES };
  }

  /** A step took so many events and so long. */
  took(events: number, millis: number): void {
    if (millis > LONG_MILLIS) this.#events = Math.max(LEAST_EVENTS, Math.floor(this.#events / 2));
    else if (millis < SHORT_MILLIS && events === this.#events) this.#events = Math.min(MOST_EVENTS, this.#events * 2);
  }
}
