// Lookups.
import type { Status } from '../types.ts';
import type { Explanation } from './explanation.ts';
import type { WireValue } from './values.ts';

/** POST /v1/online-features. Exactly one of `service`, `dataset` and `features` is given. */
export interface OnlineFeaturesRequest {
  /** `name`, or `name@version`: the features of that version, with the meaning that they had in it. */
  readonly service?: string | undefined;
  /** `name@version`: the features of a training set, with the meaning that they have there. */
  readonly dataset?: string | undefined;
  /** `view:feature` or `view:*`. */
  readonly features?: readonly string[] | undefined;
  /** Join key to value, one object per row of the answer. */
  readonly entities: readonly Readonly<Record<string, unknown>>[];
  readonly context?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Default: the server's clock. */
  readonly at?: string | undefined;
  readonly statuses?: boolean | undefined;
  readonly eventTimes?: boolean | undefined;
  readonly asOf?: boolean | undefined;
  readonly int64?: 'number' | 'string' | undefined;
  /** Where parts of the online store are away: answer the rest, and null with status UNAVAILABLE in their place. */
  readonly partial?: boolean | undefined;
  /** Of one entity: also where each value comes from. */
  readonly explain?: boolean | undefined;
}

export interface OnlineFeaturesResponse {
  /** null where the request named features. */
  readonly service: string | null;
  /** Registry version. */
  readonly version: number;
  /** Where the request named a version of a service, or a dataset. */
  readonly serviceVersion?: number | undefined;
  /** Output names: the columns of `rows`, `statuses` and `eventTimes`. */
  readonly features: readonly string[];
  readonly rows: readonly (readonly WireValue[])[];
  readonly statuses?: readonly (readonly Status[])[] | undefined;
  readonly eventTimes?: readonly (readonly (string | null)[])[] | undefined;
  /** View to the instant of its last run. */
  readonly asOf?: Readonly<Record<string, string>> | undefined;
  /** With `asOf`: views that still serve their former definition. */
  readonly changed?: readonly string[] | undefined;
  readonly at: string;
  /** Where it was asked for: one per feature, in their order. */
  readonly explain?: readonly Explanation[] | undefined;
}
