// Whether two training sets are the same: counts, distinct counts, minima and last values exactly, sums within
// 1e-9 × Σ|x|, means within that by their count. Amounts are never negative, so Σ|x| is the sum itself.
import { openDuckdb, text } from '../duckdb.ts';
import { FEATURES } from './features.ts';

/** Labels on which they differ, by feature; empty where they agree. `prefix`: of the expected columns' names. */
export async function differences(
  expected: string,
  actual: string,
  prefix: string,
): Promise<Readonly<Record<string, number>>> {
  using duckdb = await openDuckdb();
  const items = FEATURES.map(({ name, aggregate }) => {
    const [a, b] = [`e."${prefix}${name}"`, `a."${name}"`];
    const same =
      aggregate === 'sum' || aggregate === 'mean'
        ? `${a} IS NOT DISTINCT FROM ${b} OR abs(${a} - ${b}) <= 1e-9 * ${a}`
        : `${a} IS NOT DISTINCT FROM ${b}`;
    return `count(*) FILTER (WHERE NOT coalesce(${same}, false)) AS "${name}"`;
  });
  const labels = 'count(*) FILTER (WHERE e.label_id IS NULL OR a.label_id IS NULL) AS labels';
  const [counted = {}] = await duckdb.rows(
    `SELECT ${[labels, ...items].join(', ')} FROM read_parquet(${text(expected)}) e FULL JOIN read_parquet(${text(actual)}) a USING (label_id)`,
  );
  return Object.fromEntries(
    Object.entries(counted).flatMap(([name, n]) => (Number(n) === 0 ? [] : [[name, Number(n)]])),
  );
}
