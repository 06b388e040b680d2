// A resolved request bound to the live generations of its views: fields to read, codecs, and per output column the
// position in the packed row. Bound anew only when a serving state changes.
import type { Value } from '../../../schemas/types.ts';
import type { FeatureView } from '../../registry/catalog.ts';
import type { FieldName } from '../online-store.ts';
import type { ServingState } from '../serving-state.ts';
import { featurePosition, type LiveView, liveView } from './live-view.ts';
import type { KeySpace, ResolvedRequest, Role } from './resolve-request.ts';

export interface BoundRequest {
  readonly resolved: ResolvedRequest;
  readonly states: readonly (ServingState | null)[];
  /** Equal where the same generations are live. */
  readonly generationIds: string;
  readonly keySpaces: readonly BoundKeySpace[];
  /** View → watermark in microseconds. */
  readonly asOf: Readonly<Record<string, bigint>>;
}

export interface BoundKeySpace {
  /** One per view. */
  readonly fields: readonly FieldName[];
  readonly views: readonly LiveView[];
  readonly roles: readonly (readonly BoundColumns[])[];
}

/** The columns that one role reads from one view. */
export interface BoundColumns {
  /** Position in `views` and `fields` of the key space. */
  readonly viewIndex: number;
  readonly outputs: readonly number[];
  /** For each output: where the feature lies in the packed row, what replaces null, and the value without a row. */
  readonly positions: readonly number[];
  readonly defaults: readonly Value[];
  readonly emptyValues: readonly Value[];
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
    asOf: Object.fromEntries(generations.map(([name, { watermarkMicros }]) => [name, watermarkMicros])),
  };
}

function bindKeySpace({ views, roles }: KeySpace, live: ReadonlyMap<FeatureView, LiveView>): BoundKeySpace {
  const liveViews = views.map((view) => live.get(view) as LiveView);
  return {
    fields: liveViews.map(({ field }) => field),
    views: liveViews,
    roles: roles.map((role) =>
      views.flatMap((view, index) => bindColumns(role, view, liveViews[index] as LiveView, index)),
    ),
  };
}

function bindColumns({ columns }: Role, view: FeatureView, live: LiveView, viewIndex: number): BoundColumns[] {
  const own = columns.filter((column) => column.view === view);
  if (own.length === 0) return [];
  const positions = own.map(({ feature }) => featurePosition(view, live, feature));
  const features = positions.map((position) => live.generation.features[position]);
  return [
    {
      viewIndex,
      outputs: own.map(({ output }) => output),
      positions,
      defaults: features.map((feature) => feature?.default ?? null),
      emptyValues: features.map((feature) => feature?.emptyValue ?? feature?.default ?? null),
    },
  ];
}
