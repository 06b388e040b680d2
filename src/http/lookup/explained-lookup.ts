// A lookup that is to be explained: which ones can be, and the answer with `explain` beside it. The rows are read elsewhere,
// because it takes long; what comes back is text, which is passed on.
import type { ServerResponse } from 'node:http';
import type { Duty } from '../../../schemas/duties.ts';
import { PlumbError } from '../../../schemas/errors.ts';
import type { AnsweredEntity } from '../../audit/explain/explainer.ts';
import { requireInstant } from '../../instant.ts';
import type { Explaining } from '../../jobs/explanations.ts';
import { jsonLine } from '../../json-text.ts';
import type { JsonObject } from '../../lossless-json.ts';
import { clientGone } from '../client-gone.ts';
import { requireField } from '../operation-access.ts';
import type { LookupQuery } from './lookup-query.ts';
import { type AskedLookup, answerTo, type Lookups } from './lookups.ts';
import { type Answer, readAnswer } from './read-answer.ts';

export interface Explainable {
  readonly requested: AnsweredEntity['requested'];
  readonly entity: JsonObject;
}

/** INVALID_REQUEST for what cannot be explained. `option`: how the surface calls it, `--explain` or `$.explain`. */
export function requireExplainable(query: LookupQuery, option: string): Explainable {
  const { service, dataset, features, partial, entities } = query;
  const refusal = (found: string, expected: string): PlumbError =>
    new PlumbError('INVALID_REQUEST', `${option}: found ${found}, expected ${expected}`, { details: { path: option } });
  const [entity] = entities;
  if (entity === undefined || entities.length > 1) throw refusal(`${entities.length} entities`, 'one');
  if (partial) throw refusal('a partial answer', 'one of which nothing may be missing');
  if (dataset !== null)
    throw refusal('a training set', 'a service or features: values are explained as they are served now');
  if (service === null) return { entity, requested: { features: features ?? [] } };
  const at = service.indexOf('@');
  if (at < 0) return { entity, requested: { service } };
  throw refusal(service, `a service without a version: ${service.slice(0, at)} is explained as it is served now`);
}

export const answeredEntity = (
  explainable: Explainable,
  { version, at, rows, statuses }: Answer,
  int64: LookupQuery['int64'],
): AnsweredEntity => ({
  ...{ ...explainable, version, int64 },
  atMicros: requireInstant(at, 'at'),
  values: rows[0] ?? [],
  statuses: statuses[0] ?? [],
});

export interface ExplainedLookupPorts {
  readonly lookup: Lookups;
  readonly explaining: Explaining;
  readonly duties: readonly Duty[];
}

/** What the metrics call it: an explanation takes seconds, and would hide how long lookups take. */
export const EXPLAINED_OPERATION = 'explainOnlineFeatures';

/** JSON. `response`: where the answer goes; undefined where nobody can go away. */
export async function explainedAnswer(
  asked: AskedLookup,
  { lookup, explaining, duties }: ExplainedLookupPorts,
  response: ServerResponse | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const { caller, query, form } = asked;
  requireField('getOnlineFeatures', 'explain', { caller, duties });
  if (form !== 'json')
    throw new PlumbError(
      'NOT_ACCEPTABLE',
      '$.explain: found an answer in Arrow, expected JSON, which explanations come in',
      {
        details: { accepted: ['application/json'] },
      },
    );
  const explainable = requireExplainable(query, '$.explain');
  const answer = readAnswer(await answerTo({ ...asked, query: { ...query, statuses: true } }, lookup));
  using gone = clientGone(response);
  const explanations = await explaining.explain(answeredEntity(explainable, answer, query.int64), gone.signal);
  const { statuses: _unasked, ...rest } = answer;
  return Buffer.from(`${jsonLine(query.statuses ? answer : rest).slice(0, -1)},"explain":${explanations}}`);
}
