// The Parquet files behind the sets of features; kept for the next time.
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckdb, text } from '../duckdb.ts';
import type { Options } from '../options.ts';
import { AGGREGATES, type DataFiles, ROW_SETS } from './feature-sets.ts';

/** Everything is materialized until then. */
export const UNTIL = '2026-01-03T00:00:00Z';
const EVENTS_PER_KEY = 5;

export async function dataFiles(options: Options, names: readonly string[]): Promise<DataFiles> {
  const files: Record<string, string> = {};
  for (const name of names) files[name] = await dataFile(options, name);
  return files;
}

async function dataFile({ dataFolder, keys, seed }: Options, name: string): Promise<string> {
  const path = join(dataFolder, `serving-${name}-${keys}-keys-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(dataFolder, { recursive: true });
  using duckdb = await openDuckdb();
  const query = name === AGGREGATES ? eventsSql(keys, seed) : rowsSql(name, keys, seed);
  await duckdb.run(`COPY (${query}) TO ${text(`${path}.partial`)} (FORMAT parquet)`);
  await rename(`${path}.partial`, path);
  return path;
}

const drawSql = (seed: number, column: number): string =>
  `((hash(i * 1024 + ${column} + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0)`;

/** One row per key, from 0. */
function rowsSql(name: string, keys: number, seed: number): string {
  const { entity, columns } = ROW_SETS[name] as (typeof ROW_SETS)[string];
  const draws = columns.map((column, c) => `${column.sql.replace(/\br\b/, drawSql(seed, c))} AS ${column.name}`);
  const items = [`i AS ${entity}_id`, "TIMESTAMP '2026-01-01' AS ts", ...draws].join(', ');
  return `SELECT ${items} FROM range(${keys}) r(i)`;
}

/** Of every second key, over the two days before `UNTIL`. */
const eventsSql = (keys: number, seed: number): string => `
  SELECT 2 * (i % ${Math.ceil(keys / 2)}) AS user_id,
    TIMESTAMP '2026-01-01' + to_seconds(CAST(floor(172800 * ${drawSql(seed, 0)}) AS BIGINT)) AS ts,
    round(1000 * ${drawSql(seed, 1)}, 2) AS amount
  FROM range(${EVENTS_PER_KEY * Math.ceil(keys / 2)}) r(i)`;
