// The columns of the parts that a run writes: the join keys under their names, __event_time, __created_time, the features,
// of a view with `deletedWhen` __deleted, whether the row deletes its key, and __invalid, the names of the features that are
// INVALID: all of them where it is not known whether the row deletes its key. Of a continuous
// aggregate view __entry stands in place of all of them. And such parts read back as the rows they were made of.
import type { ValuesNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { failureFlag } from './rows.ts';
import { ands, commas } from './script.ts';

export const EVENT_TIME = '__event_time';
export const CREATED_TIME = '__created_time';
export const INVALID = '__invalid';
export const DELETED = '__deleted';

/** Whether rows can delete their keys. */
export const isDeleting = (values: ValuesNode): boolean =>
  values.kind === 'latest_row' && values.deletedWhen !== undefined;
export const ENTRY = '__entry';

/** FROM items of what earlier runs of the generation wrote. */
export interface StoredParts {
  /** k0…, ts, created, x0…, f0… of their rows; see `storedRows`. */
  readonly rows: string;
  /** The join keys under their names, of all their records. */
  readonly keys: string;
}

/** SELECT of the rows of a row view; `from`: its parts. */
export function storedRows(dialect: Dialect, { rows, features }: ValuesNode, from: string): string {
  // An input that no feature reads is that of `deletedWhen`.
  const readersOf = (id: string): readonly string[] =>
    features.filter(({ input }) => input === id).map(({ name }) => name);
  const names = features.map(({ name }) => name);
  const flags = rows.inputs.flatMap((input) => {
    const flag = failureFlag(rows, input);
    const [reader] = readersOf(input.id);
    const isInvalid = (reader === undefined ? names : [reader]).map((name) =>
      dialect.listContains(INVALID, dialect.text(name)),
    );
    return flag === null ? [] : [`coalesce(${ands(isInvalid)}, false) AS ${flag}`];
  });
  const items = [
    ...rows.keys.map(({ name }, i) => `${dialect.ident(name)} AS k${i}`),
    `${dialect.micros(EVENT_TIME)} AS ts`,
    `${dialect.micros(CREATED_TIME)} AS created`,
    ...rows.inputs.map(({ id }) => {
      const [reader] = readersOf(id);
      return `${reader === undefined ? DELETED : dialect.ident(reader)} AS ${id}`;
    }),
    ...flags,
  ];
  return `SELECT ${commas(items)} FROM ${from}`;
}
