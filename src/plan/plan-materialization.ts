// A feature view and T → the plan of its rows at the boundary e(T).

import { effectiveMicros, knownMicros } from '../aggregate/windows.ts';
import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import type { BoundaryNode, IncrementNode, MaterializationNode } from './nodes.ts';
import { frozen } from './nodes.ts';
import { planView } from './plan-view.ts';

/** `increment` null: a run over all rows, which also tells the keys that are gone. */
export function planMaterialization(
  catalog: Catalog,
  view: FeatureView,
  untilMicros: bigint,
  increment: IncrementNode | null = null,
): MaterializationNode {
  const values = planView(catalog, view, boundaryOf(view, untilMicros), null);
  return frozen({ kind: 'materialization', view: view.name, values, increment, tombstones: increment === null });
}

/** e(T) and p(T). */
export function boundaryOf(view: FeatureView, untilMicros: bigint): BoundaryNode {
  const { refresh } = view;
  return {
    kind: 'boundary',
    effectiveMicros: effectiveMicros(refresh, untilMicros),
    knownMicros: knownMicros(refresh, untilMicros),
  };
}
