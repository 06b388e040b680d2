// Serving states by their digests. A lookup asks for digests, which are short, and for a state only when its digest is new.
// What a digest stands for never changes, so this cannot go stale, whatever happens to the server. When a state was last
// seen is kept beside it: a partial answer may use one that was there a moment ago.
import { digestOf } from './redis-layout.ts';

interface Known {
  readonly digest: Buffer;
  readonly state: Uint8Array;
  /** Monotonic milliseconds. */
  seenAt: number;
}

export class StateCache {
  readonly #known = new Map<string, Known>();

  get(view: string, digest: Buffer, now: number): Uint8Array | null {
    const known = this.#known.get(view);
    if (known === undefined || !known.digest.equals(digest)) return null;
    known.seenAt = now;
    return known.state;
  }

  /** Keeps a copy: `state` may be a view of much more. */
  put(view: string, state: Uint8Array, now: number): Uint8Array {
    const copy = new Uint8Array(state);
    this.#known.set(view, { digest: digestOf(copy), state: copy, seenAt: now });
    return copy;
  }

  /** The view has none. */
  forget(view: string): void {
    this.#known.delete(view);
  }

  /** As it was when it was last seen; null where that is too long ago. */
  recent(view: string, now: number): Uint8Array | null {
    const known = this.#known.get(view);
    return known !== undefined && now - known.seenAt <= RECENT_MILLIS ? known.state : null;
  }
}

/** docs/reference/http.md names it. */
export const RECENT_MILLIS = 60_000;
