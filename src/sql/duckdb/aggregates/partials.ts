// The partials of src/aggregate/ in DuckDB's SQL: for each family the columns over a group of rows that `Family.load` takes, so
// that what the batch engine computes per key and hop is the state that TypeScript makes of the same rows.
// docs/specs/partials.md names the columns. Rows are those of a batch source: they have no position.
import { isFloatType } from '../../../../schemas/types.ts';
import type { FamilyKind } from '../../../aggregate/algebra.ts';
import { MOST_SQUARED } from '../../../aggregate/variances.ts';
import type { Source } from '../../../catalog/catalog.ts';
import { fromOrderKey, orderKey, orderOfValue } from '../order-keys.ts';
import { sortedList } from '../ordered-list.ts';
import { readable } from '../readable.ts';
import { thinned } from './hyperloglog.ts';
import { entryOf } from './hyperloglog-entry.ts';
import { letIn } from './let.ts';
import type { Typed } from './printer.ts';
import { bucketOf } from './quantile-sketch.ts';
import { summand } from './sums.ts';

export interface PartialInput extends Typed {
  /** The most that `newest` keeps. */
  readonly n: number;
  readonly source: Source;
}

/** `rows`: whether a row counts. */
type Columns = (input: PartialInput, rows: string) => readonly string[];

/** What a hop's number is called among the columns that rows are grouped by. */
export const HOP = 'hop';

const orderOf = ({ x, type, source }: PartialInput): string => orderOfValue(x, type, source);
const present = ({ x }: PartialInput): string => `FILTER (WHERE ${x} IS NOT NULL)`;
/** A row with its place; `created` may be null, which an aggregate of its own would skip. */
const placed = ({ x, type }: PartialInput): string => `{'ts': ts, 'created': created, 'value': ${readable(x, type)}}`;
const PLACE = ['ts', 'created', 'value'] as const;

const extreme =
  (name: 'min' | 'max'): Columns =>
  (input) => [
    readable(fromOrderKey(`${name}(${orderKey(input.x, input.type)}) ${present(input)}`, input.type), input.type),
  ];

const end =
  (call: 'arg_min' | 'arg_max'): Columns =>
  (input) => {
    const row = `${call}(${placed(input)}, ${orderOf(input)}) ${present(input)}`;
    return PLACE.map((part) => `(${row}).${part}`);
  };

const moments: Columns = ({ x }) => {
  const number = `CAST(${x} AS DOUBLE)`;
  const size = `abs(${number}) <= ${MOST_SQUARED.toExponential().replace('+', '')}`;
  const inside = `FILTER (WHERE ${size})`;
  return [
    `count(${x})`,
    `coalesce(bool_or(NOT (${size})), false)`,
    `avg(${number}) ${inside}`,
    `var_pop(${number}) ${inside} * count(*) ${inside}`,
  ];
};

const total: Columns = (input) => {
  const sum = `sum(${summand(input)})`;
  return [`count(${input.x})`, isFloatType(input.type) ? sum : `CAST(${sum} AS VARCHAR)`];
};

const newest: Columns = (input) => {
  const rows = `arg_max(${placed(input)}, ${orderOf(input)}, ${input.n}) ${present(input)}`;
  return PLACE.map((part) => `list_transform(${rows}, lambda placed: placed.${part})`);
};

/** Each of the group's one hop. */
const distinct: Columns = (input) => {
  const values = `list(DISTINCT ${input.x}) ${present(input)}`;
  return [
    `list_transform(${values}, lambda item: ${readable('item', input.type)})`,
    `list_transform(${values}, lambda item: ${HOP})`,
  ];
};

const quantiles: Columns = (input) => {
  const buckets = `histogram(${bucketOf(input)}) ${present(input)}`;
  return [`map_keys(${buckets})`, `list_transform(map_values(${buckets}), lambda many: CAST(many AS BIGINT))`];
};

const COLUMNS: Readonly<Record<FamilyKind, Columns>> = {
  count: ({ x }, rows) => [x === '*' ? `count(*) FILTER (WHERE ${rows})` : `count(${x})`],
  total,
  moments,
  min: extreme('min'),
  max: extreme('max'),
  first: end('arg_min'),
  last: end('arg_max'),
  newest,
  distinct,
  hyperloglog: (input) => [thinned(`list(DISTINCT ${entryOf(input)}) ${present(input)}`)],
  quantiles,
  sessions: ({ x }, rows) => [sortedList('ts', `FILTER (WHERE ${x === '*' ? rows : `${x} IS NOT NULL`})`)],
  first_row: end('arg_min'),
  last_row: end('arg_max'),
};

/** Items of a SELECT over rows (`ts`, `created`, the input) grouped by key and HOP; `failed`: a column, null where no row can fail. */
export function partialColumns(kind: FamilyKind, input: PartialInput, failed: string | null): readonly string[] {
  if (failed === null) return ['CAST(NULL AS BIGINT)', ...COLUMNS[kind](input, 'true')];
  const rows = `NOT ${failed}`;
  const x = input.x === '*' ? '*' : `CASE WHEN ${rows} THEN ${input.x} END`;
  return [`CASE WHEN bool_or(${failed}) THEN ${HOP} END`, ...COLUMNS[kind]({ ...input, x }, rows)];
}

/** The number of the hop that `ts` lies in: floored, also before 1970. */
export const hopOf = (hopMicros: bigint): string =>
  letIn(
    `ts % ${hopMicros}`,
    'rest',
    `(ts - CASE WHEN rest < 0 THEN rest + ${hopMicros} ELSE rest END) // ${hopMicros}`,
  );
