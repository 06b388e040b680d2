// An answer to a lookup, as its JSON says, cut into the parts that come from one view in one role.
import { parseJson } from '../../src/lossless-json.ts';
import type { GotOnline } from '../oracle/compare.ts';

export interface Answer extends GotOnline {
  readonly version: number;
  readonly asOf: Readonly<Record<string, string>>;
}

interface AnswerJson {
  readonly version: number;
  readonly features: readonly string[];
  readonly rows: Answer['rows'];
  readonly statuses: Answer['statuses'];
  readonly asOf: Answer['asOf'];
}

/** null where it is none. */
export function parseAnswer(body: string): Answer | null {
  try {
    const { version, features, rows, statuses, asOf } = parseJson(body, 'the answer') as unknown as AnswerJson;
    return { version, columns: features, rows, statuses, asOf };
  } catch {
    return null;
  }
}

/** Columns `from` up to before `to`. */
export const columnsBetween = ({ columns, rows, statuses }: GotOnline, from: number, to: number): GotOnline => ({
  columns: columns.slice(from, to),
  rows: rows.map((row) => row.slice(from, to)),
  statuses: statuses.map((row) => row.slice(from, to)),
});
