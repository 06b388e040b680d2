// The columns of an answer in JSON, which is all that servers before Arrow give.
import type { LookupAnswer } from '../lookup.ts';
import type { FeatureValue } from '../values.ts';
import { LookupColumns, notNumbers } from './answer-columns.ts';

export function columnsOfJson(answer: LookupAnswer): LookupColumns {
  const { features, rows, statuses, eventTimes } = answer;
  const head = { ...answer, numRows: rows.length };
  return new LookupColumns(head, {
    numbers: (column) => Float64Array.from(rows, (row) => numberOf(features[column] ?? '', valueAt(row, column))),
    values: (column) => rows.map((row) => valueAt(row, column)),
    statuses: (column) => statuses?.map((row) => valueAt(row, column)),
    eventTimes: (column) => eventTimes?.map((row) => valueAt(row, column)),
  });
}

const valueAt = <T>(row: readonly T[], column: number): T => row[column] as T;

/** JSON does not tell the type of a column: one of nulls only counts as numbers. */
function numberOf(feature: string, value: FeatureValue): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') throw notNumbers(feature, 'text');
  throw notNumbers(feature, Array.isArray(value) ? 'a list' : 'an object');
}
