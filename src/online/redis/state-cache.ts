// Serving states by their digests. A lookup asks for digests, which are short, and for a state only when its digest is new.
// What a digest stands for never changes, so this cannot go stale, whatever happens to the server.
import { digestOf } from './redis-layout.ts';

export class StateCache {
  readonly #known = new Map<string, { readonly digest: Buffer; readonly state: Uint8Array }>();

  get(view: string, digest: Buffer): Uint8Array | null {
    const known = this.#known.get(view);
    return known?.digest.equals(digest) ? known.state : null;
  }

  /** Keeps a copy: `state` may be a view of much more. */
  put(view: string, state: Uint8Array): Uint8Array {
    const copy = new Uint8Array(state);
    this.#known.set(view, { digest: digestOf(copy), state: copy });
    return copy;
  }
}
