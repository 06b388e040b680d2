// POST /v1/online-features for a reader of columns: asks for Arrow, and takes the JSON of a server that does not know it.
// Loaded when first asked for; apache-arrow, which is large, when Arrow has come.
import { PlumbProtocolError } from '../errors.ts';
import { answerOf, type LookupRequest, lookupCall } from '../lookup.ts';
import type { CallOptions } from '../transport/call.ts';
import { parseAnswer, type Transport } from '../transport/transport.ts';
import type { LookupColumns } from './answer-columns.ts';
import { columnsOfJson } from './json-columns.ts';

/** Without `int64`, which is about JSON: columns have all digits. */
export type LookupColumnsRequest = LookupRequest & { readonly int64?: undefined };

const ARROW_STREAM = 'application/vnd.apache.arrow.stream';
const ACCEPT = `${ARROW_STREAM}, application/json;q=0.5`;

export async function lookupColumns(
  transport: Transport,
  request: LookupColumnsRequest,
  options: CallOptions,
): Promise<LookupColumns> {
  const call = lookupCall({ ...request, int64: undefined }, { ...options, accept: ACCEPT });
  const answer = await transport.send(call);
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim() ?? 'no content type';
  if (type === 'application/json') return columnsOfJson(answerOf(parseAnswer(call, answer)));
  if (type !== ARROW_STREAM)
    throw new PlumbProtocolError(`POST /v1/online-features: found ${type}, expected ${ARROW_STREAM}`);
  const { columnsOfArrow } = await import('../arrow/arrow-columns.ts');
  return columnsOfArrow(answer.body, request.eventTimes === true);
}
