// Generations beside the live one that no bound training set has needed for the grace period leave the state of their view; their
// rows go then as those of any former generation.

import type { Catalog } from '../catalog/catalog.ts';
import { settle } from '../materialize/bound/bound-generations.ts';
import { withBound } from '../materialize/place-generation.ts';
import { readState } from '../materialize/publish.ts';
import type { ServingState } from '../online/serving-state.ts';
import { encodeServingState } from '../online/serving-state-codec.ts';
import { currentSince } from '../registry/current-since.ts';
import type { GcContext } from './gc-context.ts';

export async function removeRetired(context: GcContext, view: string, confirm: () => Promise<void>): Promise<void> {
  const { online, store, version, dryRun } = context;
  const ports = { store, version, catalog: async () => (await currentSince(store, context.nowMicros))[0] as Catalog };
  for (;;) {
    const { bytes, state } = await readState(online, view);
    if (bytes === null || state.bound === undefined || dryRun) return;
    const next = withoutOld(context, await settle(ports, view, state));
    if (next === state) return;
    await confirm();
    if (await online.writeState(view, bytes, encodeServingState(next))) return;
  }
}

function withoutOld({ policy, nowMicros }: GcContext, state: ServingState): ServingState {
  const bound = state.bound ?? [];
  const kept = bound.filter(
    ({ retiredAtMicros }) => retiredAtMicros === undefined || nowMicros - retiredAtMicros < policy.graceMicros,
  );
  return kept.length === bound.length ? state : withBound(state, kept);
}
