// Generations of former definitions that bound training sets need, with the definitions that they are run by.
import { PlumbError } from '../../../schemas/errors.ts';
import type { OnlineStore } from '../../online/online-store.ts';
import type { LiveGeneration } from '../../online/serving-state.ts';
import { readState } from '../publish.ts';
import { type BoundPorts, boundViewNames, type Definition, definitionOf, needsOfView } from './bound-generations.ts';

export interface HeldView extends Definition {
  /** `churn@12`. */
  readonly boundTo: readonly string[];
  /** null: the next run fills it. */
  readonly generation: LiveGeneration | null;
}

/** One whose definition is not known any more. */
export interface LostView {
  readonly name: string;
  readonly boundTo: readonly string[];
  readonly error: PlumbError;
}

export interface HeldViews {
  readonly held: readonly HeldView[];
  readonly lost: readonly LostView[];
}

export interface HeldPorts extends BoundPorts {
  readonly online: OnlineStore;
}

/** By name of the view; `isAsked`: those of which views. */
export async function heldViews(
  { online, ...ports }: HeldPorts,
  isAsked: (view: string) => boolean = () => true,
): Promise<HeldViews> {
  const held: HeldView[] = [];
  const lost: LostView[] = [];
  for (const name of (await boundViewNames(ports)).filter(isAsked)) {
    const { state } = await readState(online, name);
    for (const need of await needsOfView(ports, name, state)) {
      if (need.isPresent) continue;
      const { sets: boundTo, generation } = need;
      const found = await definitionOf(ports, name, need).catch(errorWhereLost);
      if ('error' in found) lost.push({ name, boundTo, ...found });
      else held.push({ ...found, boundTo, generation });
    }
  }
  return { held, lost };
}

/** One that is damaged keeps no other from being run and told. */
function errorWhereLost(error: unknown): { readonly error: PlumbError } {
  if (error instanceof PlumbError && error.code === 'STORAGE_CORRUPT') return { error };
  throw error;
}
