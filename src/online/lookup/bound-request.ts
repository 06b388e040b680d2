// A resolved request bound to the live generations of its views: fields to read, codecs, and the answer's row cut into
// segments that are copied from packed rows. Bound anew only when another generation goes live: what a run moves, the
// watermark, is no part of it.

import type { FeatureView } from '../../catalog/catalog.ts';
import type { FieldName } from '../online-store.ts';
import type { Generation } from '../serving-state.ts';
import type { Int64Form } from '../value-json.ts';
import { type LiveView, liveViews } from './live-view.ts';
import { type LearnedRequest, learnedGenerations } from './require-learned.ts';
import type { KeySpace, ResolvedRequest } from './resolve-request.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { type ReadState, readOf } from './serving-states.ts';

export interface BoundRequest {
  readonly resolved: ResolvedRequest;
  /** `generations[i]`: that of `resolved.views[i]`: the live one, or one that is held for what was learned. */
  readonly generations: readonly Generation[];
  readonly keySpaces: readonly BoundKeySpace[];
  /** The answer's row, in output order. */
  readonly segments: (int64: Int64Form) => readonly Segment[];
  /** The answer up to its rows: all of it that no entity changes. */
  readonly head: Uint8Array;
  /** Views whose definition changed since their live generation was filled, as JSON; null where there are none. */
  readonly changed: Uint8Array | null;
}

export interface BoundKeySpace {
  /** One per view. */
  readonly fields: readonly FieldName[];
  readonly views: readonly LiveView[];
  /** Where each view is in `resolved.views`. */
  readonly positions: readonly number[];
}

/** `states[i]` is that of `resolved.views[i]`. Returns `previous` itself as long as its generations are served. */
export function bindRequest(
  resolved: ResolvedRequest,
  states: readonly (ReadState | null)[],
  previous: BoundRequest | null,
): BoundRequest {
  if (previous?.generations.every((generation, view) => isServed(resolved, states[view] ?? null, generation)) === true)
    return previous;
  const live = liveViews(resolved.views, generationsByView(resolved, states));
  return {
    resolved,
    generations: [...live.values()].map(({ generation }) => generation),
    keySpaces: resolved.keySpaces.map((space) => bindKeySpace(space, resolved, live)),
    segments: onFirstUse((int64) => segmentsOf(resolved, live, int64)),
    head: headOf(resolved),
    changed: changedOf(live, resolved.learned),
  };
}

/** Most requests are asked in one form alone. */
function onFirstUse(make: (int64: Int64Form) => readonly Segment[]): BoundRequest['segments'] {
  const made: Partial<Record<Int64Form, readonly Segment[]>> = {};
  return (int64) => (made[int64] ??= make(int64));
}

/** What is learned may be read from one that is held beside the live one. */
const isServed = ({ learned }: ResolvedRequest, state: ReadState | null, generation: Generation): boolean =>
  state?.live?.generation === generation || (learned !== null && readOf(state, generation) !== null);

function generationsByView(
  { viewNames, learned }: ResolvedRequest,
  states: readonly (ReadState | null)[],
): ReadonlyMap<string, Generation | null> {
  const byView = new Map(viewNames.map((view, index) => [view, states[index] ?? null]));
  if (learned !== null) return learnedGenerations(learned, byView);
  return new Map([...byView].map(([view, state]) => [view, state?.live?.generation ?? null]));
}

function changedOf(live: ReadonlyMap<FeatureView, LiveView>, learned: LearnedRequest | null): Uint8Array | null {
  const newest = (view: FeatureView): FeatureView => learned?.current.views.get(view.name) ?? view;
  const views = [...live].filter(([view, { generation }]) => newest(view).fingerprint !== generation.fingerprint);
  return views.length === 0 ? null : jsonBytes(views.map(([{ name }]) => name));
}

function headOf({ service, version, learned, names }: ResolvedRequest): Uint8Array {
  const bound = learned === null ? {} : { serviceVersion: learned.learned.serviceVersion };
  return jsonBytes({ service, version, ...bound, features: names, rows: 0 }).subarray(0, -'0}'.length);
}

const jsonBytes = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

function bindKeySpace(
  { views }: KeySpace,
  resolved: ResolvedRequest,
  live: ReadonlyMap<FeatureView, LiveView>,
): BoundKeySpace {
  const liveViews = views.map((view) => live.get(view) as LiveView);
  return {
    fields: liveViews.map(({ field }) => field),
    views: liveViews,
    positions: views.map((view) => resolved.views.indexOf(view)),
  };
}
