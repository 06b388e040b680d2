// A view as registered → the generation that its rows are written to.
import type { MaterializationMode } from '../../schemas/wire-types.ts';
import { emptyValueOf } from '../aggregate/aggregate-rules.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import type { GenerationRetention, LiveGeneration, ServingState } from '../online/serving-state.ts';

export interface Published {
  readonly id: string;
  readonly run: string;
  readonly watermarkMicros: bigint;
}

export const generationId = (view: FeatureView, rebuildCount: number): string =>
  `${view.fingerprint.slice(0, 16)}-${rebuildCount}`;

/** The rebuild count in a generation's name. */
export const rebuildCountOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1));

export interface Target {
  readonly generation: string;
  readonly rebuildCount: number;
  /** The live generation that the run adds to; null: a new one is filled. */
  readonly continued: LiveGeneration | null;
  /** In words. */
  readonly why: string;
}

/** Which generation a run fills, and why that one. */
export function targetOf(view: FeatureView, mode: MaterializationMode, state: ServingState): Target {
  const { live, token, rebuildCount } = state;
  if (mode === 'incremental' && live?.fingerprint === view.fingerprint) {
    return {
      generation: live.id,
      rebuildCount,
      continued: live,
      why: `adds to generation ${live.id} of run ${live.run}`,
    };
  }
  // A token without a live generation is of a run that died: what it began to fill is not touched again.
  const isFirst = live === null && token === 0n;
  const count = isFirst ? rebuildCount : rebuildCount + 1;
  const generation = generationId(view, count);
  const why = `fills generation ${generation}: ${reasonToFill(view, live, isFirst)}`;
  return { generation, rebuildCount: count, continued: null, why };
}

function reasonToFill(view: FeatureView, live: LiveGeneration | null, isFirst: boolean): string {
  if (isFirst) return 'nothing of the view is in the online store';
  if (live === null) return 'the run that was to fill the former one did not finish';
  return live.fingerprint === view.fingerprint ? 'a new one was asked for' : 'the definition changed';
}

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
    ...meaningsOf(view),
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

function meaningsOf({ features }: FeatureView): Pick<LiveGeneration, 'meanings'> {
  const meanings = features.flatMap(({ meaning }) => meaning ?? []);
  return meanings.length === features.length ? { meanings } : {};
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
