// Serving states as a lookup reads them: decoded once per change, because hardly any lookup sees a new one.
import type { OnlineStore } from '../online-store.ts';
import type { ServingState } from '../serving-state.ts';
import { decodeServingState } from '../serving-state-codec.ts';

export class ServingStates {
  readonly #store: OnlineStore;
  readonly #known = new Map<string, { readonly bytes: Uint8Array; readonly state: ServingState }>();

  constructor(store: OnlineStore) {
    this.#store = store;
  }

  /** `result[i]`: the state of `views[i]`, null where it has none. The same object as before while it has not changed. */
  async read(views: readonly string[]): Promise<(ServingState | null)[]> {
    const stored = await this.#store.readStates(views);
    return views.map((view) => {
      const bytes = stored.get(view);
      return bytes === undefined ? null : this.#decode(view, bytes);
    });
  }

  #decode(view: string, bytes: Uint8Array): ServingState {
    const known = this.#known.get(view);
    if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known.state;
    const state = decodeServingState(bytes);
    this.#known.set(view, { bytes, state });
    return state;
  }
}
