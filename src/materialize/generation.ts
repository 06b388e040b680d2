// A view as registered → the generation that its rows are written to.

import { emptyValueOf } from '../aggregate/aggregate-rules.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import type { GenerationRetention, LiveGeneration } from '../online/serving-state.ts';

export interface Published {
  readonly id: string;
  readonly run: string;
  readonly watermarkMicros: bigint;
}

export const generationId = (view: FeatureView, rebuildCount: number): string =>
  `${view.fingerprint.slice(0, 16)}-${rebuildCount}`;

/** The rebuild count in a generation's name. */
export const rebuildCountOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1));

/** `before`: what is live now; `nowMicros`: the wall clock. */
export function generationOf(
  view: FeatureView,
  { id, run, watermarkMicros }: Published,
  before: LiveGeneration | null,
  nowMicros: bigint,
): LiveGeneration {
  return {
    id,
    run,
    fingerprint: view.fingerprint,
    kind: view.kind,
    entities: view.entities,
    joinKeys: view.joinKeys.map(({ name, type }) => ({ name, type })),
    features: view.features.map((feature) => ({
      name: feature.name,
      type: feature.type,
      default: feature.default,
      emptyValue: emptyValueOf(view, feature.name),
    })),
    refresh: view.refresh,
    visibleFrom: view.visibleFrom,
    strictlyBefore: view.kind === 'row' && view.strictlyBefore,
    ttlMicros: view.kind === 'row' ? view.ttlMicros : null,
    watermarkMicros,
    reachedMicros: watermarkMicros,
    retention: {
      longestWindowMicros: longestWindow(view),
      ...clockOf(before?.id === id ? before.retention : null, nowMicros, watermarkMicros),
    },
  };
}

function clockOf(before: GenerationRetention | null, nowMicros: bigint, watermarkMicros: bigint) {
  const lead = nowMicros - watermarkMicros;
  if (before === null) return { clockLeadMicros: lead, filledAtMicros: nowMicros };
  return { clockLeadMicros: greater(lead, before.clockLeadMicros), filledAtMicros: before.filledAtMicros };
}

/** null: one is unbounded, or there are none. */
function longestWindow(view: FeatureView): bigint | null {
  if (view.kind === 'row') return null;
  const windows = view.features.map(({ windowMicros }) => windowMicros);
  return windows.reduce((longest, window) => (longest === null || window === null ? null : greater(longest, window)));
}

function greater(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
