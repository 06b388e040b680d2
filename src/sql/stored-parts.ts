// The columns of the parts that a run writes: the join keys under their names, __event_time, __created_time, the features,
// and __invalid, the names of the features that are INVALID. And such parts read back as the rows they were made of.
import type { ValuesNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { failureFlag } from './rows.ts';
import { commas } from './script.ts';

export const EVENT_TIME = '__event_time';
export const CREATED_TIME = '__created_time';
export const INVALID = '__invalid';

/** FROM items of what earlier runs of the generation wrote. */
export interface StoredParts {
  /** k0…, ts, created, x0…, f0… of their rows; see `storedRows`. */
  readonly rows: string;
  /** The join keys under their names, of all their records. */
  readonly keys: string;
}

/** SELECT of the rows of a row view; `from`: its parts. */
export function storedRows(dialect: Dialect, { rows, features }: ValuesNode, from: string): string {
  const featureOf = (id: string): string | undefined => features.find(({ input }) => input === id)?.name;
  const flags = rows.inputs.flatMap((input) => {
    const flag = failureFlag(rows, input);
    const isInvalid = dialect.listContains(INVALID, dialect.text(featureOf(input.id) ?? ''));
    return flag === null ? [] : [`coalesce(${isInvalid}, false) AS ${flag}`];
  });
  const items = [
    ...rows.keys.map(({ name }, i) => `${dialect.ident(name)} AS k${i}`),
    `${dialect.micros(EVENT_TIME)} AS ts`,
    `${dialect.micros(CREATED_TIME)} AS created`,
    ...rows.inputs.map(({ id }) => `${dialect.ident(featureOf(id) ?? id)} AS ${id}`),
    ...flags,
  ];
  return `SELECT ${commas(items)} FROM ${from}`;
}
