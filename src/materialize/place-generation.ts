// Where a filled generation goes in the state of its view. Pure.
import type { LiveGeneration, ServingState } from '../online/serving-state.ts';
import type { Place } from './generation.ts';

/** The former live one lies beside it then, for whoever needs it (`withoutFormer`). */
export function placedIn(state: ServingState, target: LiveGeneration, place: Place): ServingState {
  const { live, bound = [] } = state;
  const others = bound.filter(({ fingerprint }) => fingerprint !== target.fingerprint);
  const isOfLive = live?.fingerprint === target.fingerprint;
  if (place === 'bound' && !isOfLive) return withBound({ ...state, live }, [...others, target]);
  return withBound({ ...state, live: target }, live === null || isOfLive ? others : [...others, live]);
}

/** A generation that was live until now and that no training set needs leaves at once. */
export const withoutFormer = (state: ServingState, former: LiveGeneration | null): ServingState =>
  withBound(
    state,
    (state.bound ?? []).filter(({ id, isHeld }) => id !== former?.id || isHeld === true),
  );

/** The key is absent where there are none. */
export function withBound({ bound: _, ...state }: ServingState, bound: readonly LiveGeneration[]): ServingState {
  return bound.length === 0 ? state : { ...state, bound };
}
