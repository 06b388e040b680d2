// A feature view and T → the plan of its rows at the boundary e(T).

import type { Catalog, FeatureView } from '../catalog/catalog.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { floorTo } from '../instant.ts';
import type { BoundaryNode, MaterializationNode } from './nodes.ts';
import { frozen } from './nodes.ts';
import { planView } from './plan-view.ts';

export function planMaterialization(catalog: Catalog, view: FeatureView, untilMicros: bigint): MaterializationNode {
  const values = planView(view, sourceOf(catalog, view), boundaryOf(view, untilMicros), null);
  return frozen({ kind: 'materialization', view: view.name, values });
}

/** e(T) = floor((T - delay) / every) * every for a scheduled view, T for a continuous one; p(T) = e(T) + delay, or T. */
export function boundaryOf(view: FeatureView, untilMicros: bigint): BoundaryNode {
  if (view.refresh === null) return { kind: 'boundary', effectiveMicros: untilMicros, knownMicros: untilMicros };
  const { everyMicros, delayMicros } = view.refresh;
  const effectiveMicros = floorTo(untilMicros - delayMicros, everyMicros);
  return { kind: 'boundary', effectiveMicros, knownMicros: effectiveMicros + delayMicros };
}
