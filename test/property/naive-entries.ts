// What a feature of an entry must be, from all its rows, by the naive evaluator.
import type { DataType, Value } from '../../schemas/types.ts';
import { INVALID, type Outcome } from '../../src/aggregate/algebra.ts';
import { FAILED, type Input } from '../../src/aggregate/partial.ts';
import type { EntryRow } from '../../src/online/entry/entry.ts';
import type { EntryDefinition, EntryFeature } from '../../src/online/entry/entry-layout.ts';
import { type Aggregated, aggregate, OverflowError } from '../oracle/aggregates.ts';
import { floorTo } from '../oracle/instants.ts';
import { sessionValues } from '../oracle/sessions.ts';
import { compareValues, type Value as OracleValue } from '../oracle/values.ts';
import { forOracle } from './partial-worlds.ts';

export type Wanted =
  | Aggregated
  | typeof INVALID
  | readonly (readonly [key: string, value: Aggregated])[]
  | readonly string[];

/** The rows of the feature's window at an instant. */
export function inWindow(
  { widthMicros, hopMicros, offsetMicros }: EntryFeature,
  rows: readonly EntryRow[],
  at: bigint,
): readonly EntryRow[] {
  const start = widthMicros === null ? null : floorTo(at - widthMicros - offsetMicros, hopMicros ?? 1n);
  const end = endOf({ hopMicros, offsetMicros }, at);
  return rows.filter(({ eventMicros }) => eventMicros < end && (start === null || eventMicros >= start));
}

const endOf = ({ hopMicros, offsetMicros }: Pick<EntryFeature, 'hopMicros' | 'offsetMicros'>, at: bigint): bigint =>
  offsetMicros === 0n ? at : floorTo(at - offsetMicros, hopMicros ?? 1n);

interface Counted {
  readonly row: EntryRow;
  readonly input: Value;
}

export function wanted(
  definition: EntryDefinition,
  feature: EntryFeature,
  rows: readonly EntryRow[],
  at: bigint,
): Wanted {
  const counted: Counted[] = [];
  for (const row of inWindow(feature, rows, at)) {
    const input = inputOf(feature, row);
    if (input === FAILED) return INVALID;
    if (input !== null) counted.push({ row, input });
  }
  const type = feature.input === null ? undefined : definition.cells[feature.input];
  const { by } = feature;
  const end = endOf(feature, at);
  if (by === null) return valueOfRows(feature, type, counted, end);
  const entries: (readonly [string, Aggregated])[] = [];
  for (const [key, own] of Map.groupBy(counted, ({ row }) => row.cells[by.cell] as string)) {
    const value = valueOfRows(feature, type, own, end);
    if (value === INVALID) return INVALID;
    entries.push([key, value]);
  }
  entries.sort(([a], [b]) => compareValues(a, b));
  if (by.top !== null) entries.sort(([, a], [, b]) => compareValues(b.value, a.value)).splice(by.top);
  return by.asKeys ? entries.map(([key]) => key) : entries;
}

function inputOf({ input, where, by }: EntryFeature, { failed, cells }: EntryRow): Input {
  if (failed || (where !== null && cells[where] === FAILED)) return FAILED;
  if (where !== null && cells[where] !== true) return null;
  if (by !== null && (cells[by.cell] === FAILED || cells[by.cell] === null)) return cells[by.cell] ?? null;
  return input === null ? true : (cells[input] ?? null);
}

function valueOfRows(
  { aggregate: name, n, p, gapMicros }: EntryFeature,
  type: DataType | undefined,
  counted: readonly Counted[],
  end: bigint,
): Aggregated | typeof INVALID {
  if (name.startsWith('session_')) {
    const times = counted.map(({ row }) => row.eventMicros);
    return { value: sessionValues(times, gapMicros ?? 0n, end)[name] ?? null, tolerance: 0 };
  }
  const inputs = counted.map(({ row, input }) => ({
    ...{ eventTime: row.eventMicros, created: row.createdMicros },
    value: type === undefined ? true : forOracle(type, input),
  }));
  try {
    return aggregate(name, type, inputs, n ?? p ?? undefined);
  } catch (error) {
    if (error instanceof OverflowError) return INVALID;
    throw error;
  }
}

/** What differs; undefined: nothing. */
export function mismatch(got: Outcome, want: Wanted): string | undefined {
  const said = `got ${show(got)}, expected ${show(want)}`;
  if (got === INVALID || want === INVALID) return got === want ? undefined : said;
  if (!Array.isArray(want)) return isValue(got, want as Aggregated) ? undefined : said;
  if (!Array.isArray(got) || got.length !== want.length) return said;
  const isSame = want.every((entry, i) => {
    const item = got[i] as Value;
    if (typeof entry === 'string') return item === entry;
    return Array.isArray(item) && item[0] === entry[0] && isValue(item[1] as Value, entry[1]);
  });
  return isSame ? undefined : said;
}

function isValue(got: Value, { value, tolerance }: Aggregated): boolean {
  if (tolerance === Infinity) return true;
  if (tolerance === 0 || got === null || value === null) return same(got, value);
  return Math.abs(Number(got) - Number(value)) <= tolerance;
}

const same = (got: Value, want: OracleValue): boolean =>
  got === null || want === null ? got === want : compareValues(got as OracleValue, want) === 0;

const show = (value: unknown): string =>
  typeof value === 'symbol'
    ? 'INVALID'
    : JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));
