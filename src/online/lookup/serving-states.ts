// Serving states as a lookup reads them: decoded once per change, because hardly any lookup sees a new one. What is fixed
// for a generation is one object for as long as it is live, so whatever is compiled from it lasts from run to run.
import { isDeepStrictEqual } from 'node:util';
import type { StoredData } from '../online-store.ts';
import type { Generation, GenerationProgress, LiveGeneration } from '../serving-state.ts';
import { decodeServingState } from '../serving-state-codec.ts';

export interface ReadGeneration {
  readonly generation: Generation;
  readonly progress: GenerationProgress;
}

export interface ReadState {
  readonly token: bigint;
  /** null: no run has finished yet. */
  readonly live: ReadGeneration | null;
  /** Those that are held beside it. */
  readonly bound: readonly ReadGeneration[];
}

/** null where it is not among them. */
export function readOf(state: ReadState | null, generation: Generation): ReadGeneration | null {
  if (state === null) return null;
  if (state.live?.generation === generation) return state.live;
  return state.bound.find((bound) => bound.generation === generation) ?? null;
}

interface Known {
  readonly bytes: Uint8Array;
  readonly state: ReadState;
}

export class ServingStates {
  readonly #known = new Map<string, Known>();

  /** `states[i]`: that of `views[i]`, as the store has it; the same objects as before while they have not changed. */
  decode(views: readonly string[], states: StoredData['states']): (ReadState | null)[] {
    return views.map((view, index) => {
      const bytes = states[index] ?? null;
      return bytes === null ? null : this.#decode(view, bytes);
    });
  }

  #decode(view: string, bytes: Uint8Array): ReadState {
    const known = this.#known.get(view);
    if (known !== undefined && (known.bytes === bytes || Buffer.compare(known.bytes, bytes) === 0)) return known.state;
    const { token, live, bound = [] } = decodeServingState(bytes);
    const former = known === undefined ? [] : generationsOf(known.state);
    const state = {
      token,
      live: live === null ? null : parted(live, former),
      bound: bound.filter(({ isHeld }) => isHeld === true).map((generation) => parted(generation, former)),
    };
    this.#known.set(view, { bytes, state });
    return state;
  }
}

const generationsOf = ({ live, bound }: ReadState): readonly Generation[] =>
  [...(live === null ? [] : [live]), ...bound].map(({ generation }) => generation);

function parted(read: LiveGeneration, former: readonly Generation[]): ReadGeneration {
  const { run, watermarkMicros, reachedMicros, retention, retiredAtMicros: _, ...generation } = read;
  const progress = { run, watermarkMicros, reachedMicros, retention };
  return { generation: former.find((one) => isDeepStrictEqual(one, generation)) ?? generation, progress };
}
