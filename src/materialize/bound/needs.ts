// Which generations of a view bound training sets need. Pure.
//
//   one that is there holds what was learned   that one, the live one first; it is run by its own definition, unless it is live
//                                              and what is defined now means the same
//   defined now as learned                     none yet: the next run of the view makes it so
//   otherwise                                  one is to be filled by the definition that the set was made of
import { isDeepStrictEqual } from 'node:util';
import type { Catalog, FeatureView } from '../../catalog/catalog.ts';
import { isOnline } from '../../catalog/look-up.ts';
import { meansAsLearned, servedAs } from '../../online/learned-generation.ts';
import { generationsOf, type LiveGeneration, type ServingState } from '../../online/serving-state.ts';
import type { BoundView } from './bound-sets.ts';

export interface Need {
  /** `churn@12`, in their order. */
  readonly sets: readonly string[];
  /** null: it is to be filled. */
  readonly generation: LiveGeneration | null;
  /** The live one, which the runs of the present definition keep or replace. */
  readonly isPresent: boolean;
  /** A definition that it has surely; null where no set was made of it. */
  readonly definition: Pick<BoundView, 'catalog' | 'view'> | null;
}

/** `view`: as it is defined now; undefined: no more. */
export function needsOf(
  bound: readonly BoundView[],
  current: { readonly catalog: Catalog; readonly view: FeatureView | undefined },
  state: ServingState,
): readonly Need[] {
  const found = bound.flatMap((one) => {
    const needed = neededBy(one, current, state);
    return needed === null ? [] : [{ one, ...needed }];
  });
  return [...Map.groupBy(found, ({ fingerprint }) => fingerprint)].map(([fingerprint, ofOne]) => ({
    sets: ofOne.map(({ one }) => one.set),
    generation: ofOne[0]?.generation ?? null,
    // Held for one set as what is defined now, and for another one as what was.
    isPresent: ofOne.every(({ isPresent }) => isPresent),
    definition: ofOne.find(({ one }) => one.view.fingerprint === fingerprint)?.one ?? null,
  }));
}

interface Needed {
  readonly fingerprint: string;
  readonly generation: LiveGeneration | null;
  readonly isPresent: boolean;
}

function neededBy(
  one: BoundView,
  { catalog, view }: Parameters<typeof needsOf>[1],
  state: ServingState,
): Needed | null {
  const holds = (generation: LiveGeneration): boolean =>
    one.members.every((member) => meansAsLearned(generation, member, [one.catalog, catalog]));
  const isDefined = view !== undefined && isDefinedAsLearned(view, one);
  const generation = generationsOf(state).find(holds) ?? null;
  if (generation !== null)
    return { fingerprint: generation.fingerprint, generation, isPresent: isDefined && generation === state.live };
  return isDefined ? null : { fingerprint: one.view.fingerprint, generation: null, isPresent: false };
}

export const isDefinedAsLearned = (view: FeatureView, { view: learned, members }: BoundView): boolean =>
  isOnline(view) && members.every(({ feature }) => servedAs(view, feature) === servedAs(learned, feature));

/** The state in which exactly the generations that are needed are held. The same object where nothing changes. */
export function settled(state: ServingState, needs: readonly Need[], nowMicros: bigint): ServingState {
  const held = new Set(needs.map(({ generation }) => generation?.fingerprint));
  const marked = ({ isHeld: _, retiredAtMicros, ...generation }: LiveGeneration, isLive: boolean): LiveGeneration => {
    if (held.has(generation.fingerprint)) return { ...generation, isHeld: true };
    return isLive ? generation : { ...generation, retiredAtMicros: retiredAtMicros ?? nowMicros };
  };
  const { live, bound } = state;
  const next = {
    ...state,
    live: live === null ? null : marked(live, true),
    ...(bound === undefined ? {} : { bound: bound.map((generation) => marked(generation, false)) }),
  };
  return isDeepStrictEqual(next, state) ? state : next;
}
