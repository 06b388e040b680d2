// Columns of a former training set of the same labels, by the number of the label row: its parts hold the rows in label order.
import type { TrainingSetNode } from '../../plan/nodes.ts';
import { LABEL_ROW } from '../labels.ts';
import { commas } from '../script.ts';
import { fileList, ident, typeName } from './names.ts';

/** A FROM item of LABEL_ROW and of the columns that the plan takes from there. `paths`: of the parts, in row order. */
export function formerColumns({ outputs }: TrainingSetNode, paths: readonly string[]): string {
  const taken = outputs.filter((output) => output.part === null);
  const columns = new Map(taken.map(({ column, type }) => [column, type]));
  const items = [
    `row_number() OVER () - 1 AS ${LABEL_ROW}`,
    // Instants lie there as UTC-adjusted ones.
    ...[...columns].map(([name, type]) => `CAST(${ident(name)} AS ${typeName(type)}) AS ${ident(name)}`),
  ];
  return `(SELECT ${commas(items)} FROM read_parquet(${fileList(paths)}, hive_partitioning = false))`;
}
