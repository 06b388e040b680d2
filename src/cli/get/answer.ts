// One lookup as `plumb get` sees it: the same bytes that the server would send, read back without losing a digit.
import type { LookupQuery } from '../../http/lookup/lookup-query.ts';
import type { Lookups } from '../../http/lookup/lookups.ts';
import { type Json, parseJson } from '../../lossless-json.ts';

export interface Answer {
  readonly service: string | null;
  readonly version: number;
  /** Of a lookup that was bound to a version of a service, or to a training set. */
  readonly serviceVersion?: number;
  /** Output names: the columns of what follows. */
  readonly features: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly statuses: readonly (readonly string[])[];
  readonly eventTimes?: readonly (readonly (string | null)[])[];
  /** View to the instant of its last run. */
  readonly asOf?: Readonly<Record<string, string>>;
  /** Views that still serve their former definition. */
  readonly changed?: readonly string[];
  readonly at: string;
}

export const ask = async (lookups: Lookups, query: LookupQuery): Promise<Answer> =>
  parseJson(Buffer.from(await lookups.answer(query, 'json')).toString(), 'the answer') as unknown as Answer;
