// One lookup as `plumb get` sees it: the same bytes that the server would send, read back without losing a digit.
import type { LookupQuery } from '../../http/lookup/lookup-query.ts';
import type { Lookups } from '../../http/lookup/lookups.ts';
import { type Answer, readAnswer } from '../../http/lookup/read-answer.ts';

export type { Answer } from '../../http/lookup/read-answer.ts';

export const ask = async (lookups: Lookups, query: LookupQuery): Promise<Answer> =>
  readAnswer(await lookups.answer(query, 'json'));
