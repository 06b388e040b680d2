// Parts that earlier runs of a view wrote, read back as the rows they were made of.
import type { ValuesNode } from '../../plan/nodes.ts';
import type { StoredParts } from '../compile.ts';
import { fileList, ident, text } from './names.ts';

/** `paths`: Parquet files of the same generation. */
export const storedParts = (values: ValuesNode, paths: readonly string[]): StoredParts => ({
  rows: rowsSql(values, paths),
  keys: `read_parquet(${fileList(paths)}, union_by_name = true, hive_partitioning = false)`,
});

function rowsSql(values: ValuesNode, paths: readonly string[]): string {
  const { rows } = values;
  const inputs = rows.inputs.map(({ id }) => {
    const feature = values.features.find(({ input }) => input === id);
    return `${ident(feature?.name ?? id)} AS ${id}`;
  });
  const flags = rows.inputs.flatMap(({ id, expression }) => {
    if (!expression.canFail && rows.where?.canFail !== true) return [];
    const feature = values.features.find(({ input }) => input === id);
    return [`coalesce(list_contains(__invalid, ${text(feature?.name ?? '')}), false) AS f${id.slice(1)}`];
  });
  const items = [
    ...rows.keys.map(({ name }, i) => `${ident(name)} AS k${i}`),
    'epoch_us(__event_time) AS ts',
    'epoch_us(__created_time) AS created',
    ...inputs,
    ...flags,
  ];
  return `(SELECT ${items.join(', ')} FROM read_parquet(${fileList(paths)}, hive_partitioning = false))`;
}
