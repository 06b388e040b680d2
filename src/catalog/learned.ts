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

/** Both `name@version`. */
export type LearnedReference = { readonly service: string } | { readonly dataset: string };

export interface LearnedFeatures {
  /** INVALID_REQUEST, UNKNOWN_NAME, NOT_AS_LEARNED for a training set that does not say enough. */
  of(reference: LearnedReference, current: Catalog): Promise<Learned>;
}
