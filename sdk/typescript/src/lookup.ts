// POST /v1/online-features: the newest values of features for some entities.
import type { Status } from '../../../schemas/types.ts';
import type { OnlineFeaturesResponse } from '../../../schemas/wire-types.ts';
import { expectShape } from './expect.ts';
import { stringifyJson } from './json.ts';
import type { Call, CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';
import { type FeatureRow, type FeatureValue, objectFactory } from './values.ts';

/** A join key's value; a bigint is sent with all its digits, null is answered as NOT_FOUND. */
export type KeyValue = string | number | bigint | boolean | null;

/** All of a lookup but what is looked up. */
export interface LookupEntities {
  /** Join key to value, one object per row of the answer; other fields are ignored. Empty: an answer without rows. */
  readonly entities: readonly Readonly<Record<string, KeyValue>>[];
  /** Evaluates windows and ages at this instant. RFC 3339 text, or a Date. Default: the server's clock. */
  readonly at?: string | Date | undefined;
  /** Answer `statuses` too. */
  readonly statuses?: boolean | undefined;
  /** Answer `eventTimes` too. */
  readonly eventTimes?: boolean | undefined;
  /** Answer `asOf` too. */
  readonly asOf?: boolean | undefined;
  /** `number` (default): int64 as number, beyond ±(2^53 - 1) as bigint. `string`: every int64 as text. */
  readonly int64?: 'number' | 'string' | undefined;
  /**
   * Where parts of the online store are away, answer the rest: what cannot be read is null with status UNAVAILABLE, which
   * `statuses` shows. Default: the whole lookup fails with STORE_UNAVAILABLE.
   */
  readonly partial?: boolean | undefined;
}

/** Exactly one of `service`, `dataset` and `features`. */
export type LookupRequest = LookupEntities &
  /** `name`, or `name@version`: the features of that version with the meaning that they had in it, or NOT_AS_LEARNED. */
  (
    | { readonly service: string; readonly dataset?: undefined; readonly features?: undefined }
    /** `name@version`: the features of a training set with the meaning that they have there, or NOT_AS_LEARNED. */
    | { readonly dataset: string; readonly service?: undefined; readonly features?: undefined }
    /** `view:feature` or `view:*`. */
    | { readonly features: readonly string[]; readonly service?: undefined; readonly dataset?: undefined }
  );

/** `Row`: the features by output name, e.g. `{ user_profile__country: string | null }`. It is not checked. */
export class LookupAnswer<Row extends object = FeatureRow> {
  /** null where the request named features. */
  readonly service: string | null;
  /** The registry version that answered. */
  readonly version: number;
  /** Of the service, where the request named a version of it or a dataset. */
  readonly serviceVersion: number | undefined;
  /** Output names, `<view>__<feature>` unless the service renames them: the columns of what follows. */
  readonly features: readonly string[];
  /** One row per entity, in the order of the request. */
  readonly rows: readonly (readonly FeatureValue[])[];
  /** Where they were asked for; in the shape of `rows`. */
  readonly statuses: readonly (readonly Status[])[] | undefined;
  /** The instants of the newest rows behind the values; in the shape of `rows`. */
  readonly eventTimes: readonly (readonly (string | null)[])[] | undefined;
  /** View to the instant until when it was materialized. */
  readonly asOf: Readonly<Record<string, string>> | undefined;
  /** With `asOf`: views that still serve their former definition, until their next run. */
  readonly changed: readonly string[];
  /** The instant that was answered for, RFC 3339. */
  readonly at: string;

  constructor(answer: OnlineFeaturesResponse) {
    this.service = answer.service;
    this.version = answer.version;
    this.serviceVersion = answer.serviceVersion;
    this.features = answer.features;
    this.rows = answer.rows as readonly (readonly FeatureValue[])[];
    this.statuses = answer.statuses;
    this.eventTimes = answer.eventTimes;
    this.asOf = answer.asOf;
    this.changed = answer.changed ?? [];
    this.at = answer.at;
  }

  /** One object per entity: feature by output name. */
  objects(): Row[] {
    const toObject = objectFactory<Row>(this.features);
    return this.rows.map((row) => toObject((column) => row[column]));
  }
}

export async function lookup<Row extends object>(
  transport: Transport,
  request: LookupRequest,
  options: CallOptions,
): Promise<LookupAnswer<Row>> {
  return answerOf<Row>(await transport.json(lookupCall(request, options)));
}

/** `accept`: by default whatever the server prefers, which is JSON. */
export function lookupCall(
  request: LookupRequest & { readonly explain?: boolean },
  { accept, ...options }: CallOptions & { readonly accept?: string },
): Call {
  return {
    ...options,
    method: 'POST',
    path: '/v1/online-features',
    headers: { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) },
    body: stringifyJson(request),
    // It reads, whatever its method.
    retry: 'safe',
  };
}

/** `answer` in JSON, parsed. */
export function answerOf<Row extends object>(answer: unknown): LookupAnswer<Row> {
  const shape = { version: 'number', features: 'array', rows: 'array', at: 'string' } as const;
  return new LookupAnswer<Row>(expectShape<OnlineFeaturesResponse>('POST /v1/online-features', answer, shape));
}
