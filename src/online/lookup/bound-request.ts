// A resolved request bound to the live generations of its views: fields to read, codecs, and the answer's row cut into
// segments that are copied from packed rows. Bound anew only when a serving state changes.

import type { FeatureView } from '../../catalog/catalog.ts';
import { formatInstant } from '../../instant.ts';
import type { FieldName } from '../online-store.ts';
import type { ServingState } from '../serving-state.ts';
import type { Int64Form } from '../value-json.ts';
import { type LiveView, liveView } from './live-view.ts';
import type { KeySpace, ResolvedRequest } from './resolve-request.ts';
import { type Segment, segmentsOf } from './segments.ts';

export interface BoundRequest {
  readonly resolved: ResolvedRequest;
  readonly states: readonly (ServingState | null)[];
  /** Equal where the same generations are live. */
  readonly generationIds: string;
  readonly keySpaces: readonly BoundKeySpace[];
  /** The answer's row, in output order. */
  readonly segments: (int64: Int64Form) => readonly Segment[];
  /** The answer up to its rows: all of it that no entity changes. */
  readonly head: Uint8Array;
  /** View → watermark, as JSON. */
  readonly asOf: Uint8Array;
  /** Views whose definition changed since their live generation was filled, as JSON; null where there are none. */
  readonly changed: Uint8Array | null;
}

export interface BoundKeySpace {
  /** One per view. */
  readonly fields: readonly FieldName[];
  readonly views: readonly LiveView[];
}

/** `states[i]` is that of `resolved.views[i]`. Answers `previous` itself while no state has changed. */
export function bindRequest(
  resolved: ResolvedRequest,
  states: readonly (ServingState | null)[],
  previous: BoundRequest | null,
): BoundRequest {
  if (previous !== null && states.every((state, index) => state === previous.states[index])) return previous;
  const live = new Map(resolved.views.map((view, index) => [view, liveView(view, states[index] ?? null)]));
  const generations = [...live].map(([view, { generation }]) => [view.name, generation] as const);
  return {
    resolved,
    states,
    generationIds: generations.map(([, { id }]) => id).join(' '),
    keySpaces: resolved.keySpaces.map((space) => bindKeySpace(space, live)),
    segments: onFirstUse((int64) => segmentsOf(resolved, live, int64)),
    head: headOf(resolved),
    asOf: jsonBytes(
      Object.fromEntries(generations.map(([name, { watermarkMicros }]) => [name, formatInstant(watermarkMicros)])),
    ),
    changed: changedOf(live),
  };
}

/** Most requests are asked in one form alone. */
function onFirstUse(make: (int64: Int64Form) => readonly Segment[]): BoundRequest['segments'] {
  const made: Partial<Record<Int64Form, readonly Segment[]>> = {};
  return (int64) => (made[int64] ??= make(int64));
}

function changedOf(live: ReadonlyMap<FeatureView, LiveView>): Uint8Array | null {
  const views = [...live].filter(([view, { generation }]) => view.fingerprint !== generation.fingerprint);
  return views.length === 0 ? null : jsonBytes(views.map(([{ name }]) => name));
}

function headOf({ service, version, names }: ResolvedRequest): Uint8Array {
  return jsonBytes({ service, version, features: names, rows: 0 }).subarray(0, -'0}'.length);
}

const jsonBytes = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

function bindKeySpace({ views }: KeySpace, live: ReadonlyMap<FeatureView, LiveView>): BoundKeySpace {
  const liveViews = views.map((view) => live.get(view) as LiveView);
  return { fields: liveViews.map(({ field }) => field), views: liveViews };
}
