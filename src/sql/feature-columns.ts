// The columns of features in the outcome of a part: `v<i>` is the value, null where it is INVALID; `i<i>` says whether it is,
// for features that can be.
import { AGGREGATE_RULES } from '../aggregate/aggregate-rules.ts';
import type { LatestRowNode, PlannedAggregate, RowsNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { failureFlag, whereFlag } from './rows.ts';

/** Of a row view: from the inputs of the chosen row. Where it is not known whether that deletes its key, all are INVALID. */
export function rowColumns({ rows, features, deletedWhen }: LatestRowNode): readonly string[] {
  return features.flatMap((feature, i) => {
    const ids = [feature.input, ...(deletedWhen === undefined ? [] : [deletedWhen])];
    const flags = [...new Set(ids.flatMap((id) => inputFlag(rows, id) ?? []))];
    return [`${feature.input} AS v${i}`, ...(flags.length === 0 ? [] : [`${eitherOf(flags)} AS i${i}`])];
  });
}

const eitherOf = (flags: readonly string[]): string => (flags.length === 1 ? only(flags) : `(${flags.join(' OR ')})`);
const only = (flags: readonly string[]): string => flags[0] as string;

function inputFlag(rows: RowsNode, id: string): string | null {
  const input = rows.inputs.find((candidate) => candidate.id === id);
  return input === undefined ? null : failureFlag(rows, input);
}

/** Whether the chosen row deletes its key: never null. Null where rows of the view cannot say so. */
export function deletedSql({ rows, deletedWhen }: LatestRowNode): string | null {
  if (deletedWhen === undefined) return null;
  const flag = inputFlag(rows, deletedWhen);
  return `coalesce(${deletedWhen}${flag === null ? '' : ` AND NOT ${flag}`}, false)`;
}

/** The flag of the rows that make an aggregate over them INVALID; null where there can be none. */
export function failureColumn(rows: RowsNode, feature: PlannedAggregate): string | null {
  const input = rows.inputs.find(({ id }) => id === feature.input);
  return input === undefined ? whereFlag(rows) : failureFlag(rows, input);
}

/** Of an aggregate. `raw`: its raw columns, the first of an int sum wider than int64; `g<i>`: whether a row in its window failed. */
export function aggregateColumns(
  { rows, feature, i }: { readonly rows: RowsNode; readonly feature: PlannedAggregate; readonly i: number },
  value: string,
  raw: readonly string[],
): readonly string[] {
  const invalid = [
    ...(failureColumn(rows, feature) === null ? [] : [`coalesce(g${i}, false)`]),
    ...(AGGREGATE_RULES[feature.aggregate].canOverflow(feature.type)
      ? [`coalesce((${raw[0]} NOT ${INT64_RANGE}), false)`]
      : []),
  ].join(' OR ');
  return invalid === ''
    ? [`${value} AS v${i}`]
    : [`CASE WHEN NOT (${invalid}) THEN ${value} END AS v${i}`, `(${invalid}) AS i${i}`];
}

const INT64_RANGE = 'BETWEEN -9223372036854775808 AND 9223372036854775807';

/** A sum that is wider than int64, null beyond it. */
export const narrowSum = (dialect: Dialect, sum: string): string =>
  `CASE WHEN ${sum} ${INT64_RANGE} THEN ${dialect.cast(sum, 'int64')} END`;

/** NaN and infinities → null, -0 → 0. */
export const finite = (dialect: Dialect, sql: string): string =>
  `CASE WHEN ${dialect.isFinite(sql)} THEN ${sql} + 0.0 END`;
