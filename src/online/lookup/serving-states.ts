// Serving states as a lookup reads them: decoded once per change, because hardly any lookup sees a new one.
import type { StoredData } from '../online-store.ts';
import type { ServingState } from '../serving-state.ts';
import { decodeServingState } from '../serving-state-codec.ts';

export class ServingStates {
  readonly #known = new Map<string, { readonly bytes: Uint8Array; readonly state: ServingState }>();

  /** `states[i]`: that of `views[i]`, as the store has it. Answers the same objects as before while they have not changed. */
  decode(views: readonly string[], states: StoredData['states']): (ServingState | null)[] {
    return views.map((view, index) => {
      const bytes = states[index] ?? null;
      return bytes === null ? null : this.#decode(view, bytes);
    });
  }

  #decode(view: string, bytes: Uint8Array): ServingState {
    const known = this.#known.get(view);
    if (known !== undefined && (known.bytes === bytes || Buffer.compare(known.bytes, bytes) === 0)) return known.state;
    const state = decodeServingState(bytes);
    this.#known.set(view, { bytes, state });
    return state;
  }
}
