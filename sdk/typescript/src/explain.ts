// POST /v1/online-features with `explain`: where the values of one entity come from.
import type { Explanation, OnlineFeaturesResponse } from '../../../schemas/wire-types.ts';
import { expectShape } from './expect.ts';
import { answerOf, type KeyValue, type LookupAnswer, lookupCall } from './lookup.ts';
import type { CallOptions } from './transport/call.ts';
import type { Transport } from './transport/transport.ts';
import type { FeatureRow, FeatureValue } from './values.ts';

/** Exactly one of `service` and `features`. */
export type ExplainRequest = {
  /** Join key to value; other fields are ignored. */
  readonly entity: Readonly<Record<string, KeyValue>>;
  /** RFC 3339 text, or a Date. Default: the server's clock. */
  readonly at?: string | Date | undefined;
  /** Of the explanations too. */
  readonly int64?: 'number' | 'string' | undefined;
} & (
  | { readonly service: string; readonly features?: undefined }
  /** `view:feature` or `view:*`. */
  | { readonly features: readonly string[]; readonly service?: undefined }
);

export interface ExplainedLookup<Row extends object = FeatureRow> {
  /** The ordinary one, with statuses. */
  readonly answer: LookupAnswer<Row>;
  /** One per feature, in the order of `answer.features`. */
  readonly explanations: readonly Explanation<FeatureValue>[];
}

/** A server makes one at a time, in half a minute at most each, and lets two wait. */
const PATIENCE_MILLIS = 120_000;

export async function explain<Row extends object>(
  transport: Transport,
  { entity, ...asked }: ExplainRequest,
  { timeoutMillis = PATIENCE_MILLIS, ...options }: CallOptions,
): Promise<ExplainedLookup<Row>> {
  const request = { ...asked, entities: [entity], statuses: true, explain: true };
  const call = lookupCall(request, { ...options, timeoutMillis });
  const found = await transport.json({ ...call, silenceMillis: timeoutMillis });
  const answer = expectShape<OnlineFeaturesResponse>('POST /v1/online-features', found, { explain: 'array' });
  return {
    answer: answerOf<Row>(answer),
    explanations: answer.explain as unknown as readonly Explanation<FeatureValue>[],
  };
}
