// What a model learned: a version of a service, or the features of a training set. A lookup that is bound to it answers exactly
// these columns with the meaning that they had, or not at all.
import type { Catalog } from './catalog.ts';
import type { Member } from './members.ts';

export interface Learned {
  /** `service ranking@3` or `dataset churn@12`. */
  readonly what: string;
  readonly service: string;
  readonly serviceVersion: number;
  /** In the order of the columns. */
  readonly members: readonly Member[];
  /** The registered version that they were learned with. */
  readonly catalog: Catalog;
  /** What a member's definition says otherwise in another version, in words; empty where nothing is known of it. */
  differencesTo(current: Catalog): (member: Member) => readonly string[];
}

/** What a training set says of how it was made. */
export interface LearnedSet {
  readonly service: string;
  readonly serviceVersion?: number | undefined;
  readonly registryVersion: number | null;
}

/** Why nothing can be compared with what was learned from it, and what to do; null: it can. */
export function whyNotLearned({ serviceVersion, registryVersion }: LearnedSet): string | null {
  if (registryVersion === null)
    return 'was made of definitions that were not registered, so that nothing is served by them: apply them, and create it again';
  if (serviceVersion !== undefined) return null;
  return 'was made before training sets kept what their features mean, so that no lookup can be compared with it: create it again';
}

/** How the generation of a former definition is called beside its view: `user_clicks (churn@12)`. */
export const heldName = (view: string, boundTo: readonly string[] | undefined): string =>
  boundTo === undefined || boundTo.length === 0 ? view : `${view} (${boundTo.join(', ')})`;

/** Both `name@version`. */
export type LearnedReference = { readonly service: string } | { readonly dataset: string };

export interface LearnedFeatures {
  /** INVALID_REQUEST, UNKNOWN_NAME, NOT_AS_LEARNED for a training set that does not say enough. */
  of(reference: LearnedReference, current: Catalog): Promise<Learned>;
}
