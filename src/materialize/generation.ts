// A view as registered → the generation that its rows are written to.
import type { MaterializationMode } from '../../schemas/wire-types.ts';
import { emptyValueOf } from '../aggregate/aggregate-rules.ts';
import { reachMicros } from '../aggregate/windows.ts';
import type { AggregateView, ServableView } from '../catalog/catalog.ts';
import { rowOrders } from '../catalog/fingerprint.ts';
import { hasEntries } from '../catalog/look-up.ts';
import type { EntryDefinition } from '../online/entry/entry-layout.ts';
import { viewEntry } from '../online/entry/view-entry.ts';
import {
  type GenerationRetention,
  generationBy,
  type LiveGeneration,
  type ServingState,
} from '../online/serving-state.ts';

export interface Published {
  readonly id: string;
  readonly run: string;
  readonly watermarkMicros: bigint;
}

export const generationId = (view: ServableView, rebuildCount: number): string =>
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

/** What is defined now becomes the live generation; a former definition keeps its own, for training sets that are bound to it. */
export type Place = 'live' | 'bound';

export const placeOf = ({ boundTo }: { readonly boundTo: readonly string[] }): Place =>
  boundTo.length === 0 ? 'live' : 'bound';

/** What a run of that definition goes on from, or takes the place of: its own generation, wherever it is, else the live one. */
export const formerOf = (state: ServingState, { fingerprint }: ServableView, place: Place): LiveGeneration | null =>
  generationBy(state, fingerprint) ?? (place === 'live' ? state.live : null);

/** What a run finds: `live` is what it goes on from, or takes the place of. */
export type Standing = Pick<ServingState, 'live' | 'token' | 'rebuildCount'>;

/** Which generation a run fills, and why that one. `boundTo`: training sets that need it; none where it is the present definition. */
export function targetOf(
  view: ServableView,
  mode: MaterializationMode,
  standing: Standing,
  boundTo: readonly string[] = [],
): Target {
  const { live, token, rebuildCount } = standing;
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
  const isNeeded = live === null && boundTo.length > 0;
  const reason = isNeeded
    ? `${boundTo.join(', ')} ${boundTo.length === 1 ? 'needs' : 'need'} it`
    : reasonToFill(view, live, isFirst);
  const why = `fills generation ${generation}: ${reason}`;
  return { generation, rebuildCount: count, continued: null, why };
}

function reasonToFill(view: ServableView, live: LiveGeneration | null, isFirst: boolean): string {
  if (isFirst) return 'nothing of the view is in the online store';
  if (live === null) return 'the run that was to fill the former one did not finish';
  return live.fingerprint === view.fingerprint ? 'a new one was asked for' : 'the definition changed';
}

/** `before`: what is live now; `nowMicros`: the wall clock. */
export function generationOf(
  view: ServableView,
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
    ...(hasEntries(view) ? { entry: entryOf(view) } : {}),
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

/** Without the expressions that cells are computed by. */
function entryOf(view: AggregateView): EntryDefinition {
  const { inputs: _, ...definition } = viewEntry(view);
  return definition;
}

function meaningsOf(view: ServableView): Pick<LiveGeneration, 'meanings' | 'rowOrders'> {
  const meanings = view.features.flatMap(({ meaning }) => meaning ?? []);
  const orders = [...rowOrders(view).values()];
  return {
    ...(meanings.length === view.features.length ? { meanings } : {}),
    ...(view.kind === 'row' ? { rowOrders: orders } : {}),
  };
}

function clockOf(before: GenerationRetention | null, nowMicros: bigint, watermarkMicros: bigint) {
  const lead = nowMicros - watermarkMicros;
  if (before === null) return { clockLeadMicros: lead, filledAtMicros: nowMicros };
  return { clockLeadMicros: greater(lead, before.clockLeadMicros), filledAtMicros: before.filledAtMicros };
}

/** null: one is unbounded, or there are none. */
function longestWindow(view: ServableView): bigint | null {
  if (view.kind === 'row') return null;
  const windows = view.features.map(reachMicros);
  return windows.reduce((longest, window) => (longest === null || window === null ? null : greater(longest, window)));
}

function greater(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
