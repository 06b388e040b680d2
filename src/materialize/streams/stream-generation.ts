// The state of a view that a stream feeds, from step to step. Pure.
//
//   filling   a new generation is made of history and lake, and then of the events behind them; the live one serves meanwhile
//   switched  it is the live one, as it has all events that the former one has
//   lost      the live one is none any more: its entries cannot be trusted

import type { ServableView } from '../../catalog/catalog.ts';
import { SINCE_EVER_MICROS } from '../../online/entry/merge-rows.ts';
import { entryOfView } from '../../online/entry/view-entry.ts';
import type { LiveGeneration, ServingState } from '../../online/serving-state.ts';
import { generationId, generationOf } from '../generation.ts';
import { placedIn, withoutFormer } from '../place-generation.ts';

/** What stands in the place of the run of a generation that no run fills. */
export const STREAM_RUN = 'stream';

export interface StreamedView {
  readonly view: ServableView;
  /** Of the registry. */
  readonly version: number;
}

/** Whether the live generation is what is wanted: of that definition, kept up to date by a stream, and no rebuild was asked for since. */
export const isServed = ({ view }: StreamedView, state: ServingState): boolean =>
  state.live !== null && isWanted(view, state.live, state);

const isWanted = (view: ServableView, { stream, fingerprint }: LiveGeneration, state: ServingState): boolean =>
  fingerprint === view.fingerprint && stream?.rebuildMicros === (state.rebuildAskedMicros ?? null);

/** The generation that is being filled for what is wanted; null where none is. */
export function fillingOf({ view }: StreamedView, state: ServingState): LiveGeneration | null {
  const { filling } = state;
  return filling !== undefined && isWanted(view, filling, state) ? filling : null;
}

/** Begins to fill a generation under a name that none had. `isNew`: the store knows nothing of the view. */
export function withFilling({ view, version }: StreamedView, state: ServingState, isNew: boolean): ServingState {
  const rebuildCount = isNew ? state.rebuildCount : state.rebuildCount + 1;
  const published = { id: generationId(view, rebuildCount), run: STREAM_RUN, watermarkMicros: SINCE_EVER_MICROS };
  const feed = { source: view.source, version, rebuildMicros: state.rebuildAskedMicros ?? null };
  const { inputs: _, ...entry } = entryOfView(view);
  const filling = { ...generationOf(view, published, null, 0n), entry, stream: feed, retention: null };
  return { ...state, filling, rebuildCount, token: state.token + 1n };
}

/** What is being filled becomes live; the former one stays only where a bound training set needs it. */
export function switched(state: ServingState, filling: LiveGeneration): ServingState {
  const { filling: _, ...rest } = state;
  return withoutFormer(placedIn(rest, filling, 'live'), state.live);
}

export const withoutLive = (state: ServingState): ServingState => ({ ...state, live: null });
