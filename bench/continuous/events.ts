// The events behind the views of this bench: as many of each key, at random instants of the seven days before `UNTIL`, in time
// order as a log would be.
//
//   user_id int64 · ts · amount float64 (money) · quantity int64 (below 100) · score float64 (a random double)
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckdb, text } from '../duckdb.ts';
import type { Options } from '../options.ts';

/** Everything is materialized until then. */
export const UNTIL = '2026-01-08T00:00:00Z';
const WEEK_SECONDS = 7 * 86_400;

export interface Events {
  readonly keys: number;
  readonly eventsPerKey: number;
}

/** Path of the Parquet file; written at first use. */
export async function eventsFile({ dataFolder, seed }: Options, { keys, eventsPerKey }: Events): Promise<string> {
  const path = join(dataFolder, `continuous-${keys}-keys-${eventsPerKey}-events-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(dataFolder, { recursive: true });
  using duckdb = await openDuckdb();
  // In [0, 1); `c` numbers the draws of a row.
  await duckdb.run(
    `CREATE MACRO draw(i, c) AS (hash(CAST(i * 8 + c AS BIGINT) + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0`,
  );
  const query = `
    SELECT i % ${keys} AS user_id,
      TIMESTAMP '2026-01-01' + to_microseconds(CAST(floor(${WEEK_SECONDS}e6 * draw(i, 0)) AS BIGINT)) AS ts,
      round(1000 * draw(i, 1), 2) AS amount, CAST(floor(100 * draw(i, 2)) AS BIGINT) AS quantity, draw(i, 3) AS score
    FROM range(${keys * eventsPerKey}) r(i) ORDER BY ts`;
  await duckdb.run(`COPY (${query}) TO ${text(`${path}.partial`)} (FORMAT parquet)`);
  await rename(`${path}.partial`, path);
  return path;
}
