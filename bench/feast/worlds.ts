// What both stores read: the files, and the definitions for Plumb (those for Feast: repo/features.py).
//
//   fifty    one row per key, 50 features of mixed types: lookups
//   wide     one row per key, 20 random doubles: materialization
//   history  ten rows per key over ten days, 20 random doubles: training sets
//   labels   of keys of which one in eleven has no rows; one in fifty labels repeats the key and instant of another
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { openDuckdb, text } from '../duckdb.ts';
import { wideRows } from '../materialize.ts';
import type { Options } from '../options.ts';
import { dataFiles } from '../serving/data-files.ts';

export const FIFTY = 'fifty';
export const HISTORY = 'history';
export const DOUBLES = Array.from({ length: 20 }, (_, i) => `v${i}`);
const ROWS_PER_KEY = 10;

export interface Files {
  readonly fifty: string;
  readonly wide: string;
  readonly history: string;
}

export async function writeFiles(options: Options): Promise<Files> {
  const { fifty } = await dataFiles(options, [FIFTY]);
  const wide = await wideRows(options);
  const { rows, seed } = options;
  const doubles = DOUBLES.map((name, c) => `${draw(seed, c)} AS ${name}`);
  const history = `SELECT i % ${keysOf(options)} AS user_id, ${instant(seed)} AS ts, ${doubles.join(', ')} FROM range(${rows}) r(i)`;
  return { fifty: fifty as string, wide, history: await parquet(options, `history-${rows}`, history) };
}

export function writeLabels(options: Options, count: number): Promise<string> {
  const seed = options.seed + 1;
  const drawn = `SELECT i AS label_id, CAST(floor(${draw(seed, 30)} * ${Math.ceil(1.1 * keysOf(options))}) AS BIGINT) AS user_id, ${instant(seed)} AS event_timestamp`;
  // Label i of fifty is label i - 1 once more.
  const origin = 'CASE WHEN n % 50 = 49 THEN n - 1 ELSE n END';
  return parquet(
    options,
    `labels-${count}-of-${options.rows}`,
    `SELECT n AS label_id, user_id, event_timestamp FROM (${drawn}, n FROM (SELECT n, ${origin} AS i FROM range(${count}) r(n)))`,
  );
}

export const historyDefinitions = (path: string): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: HISTORY, kind: 'batch', path, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: [
    {
      name: HISTORY,
      kind: 'row',
      entities: ['user'],
      source: HISTORY,
      features: DOUBLES.map((name) => ({ name, type: 'float64' })),
    },
  ],
  featureServices: [{ name: HISTORY, features: [`${HISTORY}:*`] }],
});

const keysOf = ({ rows }: Options): number => Math.ceil(rows / ROWS_PER_KEY);

const draw = (seed: number, column: number): string =>
  `((hash(i * 32 + ${column} + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0)`;

const instant = (seed: number): string =>
  `TIMESTAMP '2026-01-01' + to_seconds(CAST(floor(864000 * ${draw(seed, 31)}) AS BIGINT))`;

async function parquet({ dataFolder, seed }: Options, name: string, query: string): Promise<string> {
  const path = join(dataFolder, `feast-${name}-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  using duckdb = await openDuckdb();
  await duckdb.run(`COPY (${query}) TO ${text(`${path}.partial`)} (FORMAT parquet)`);
  await rename(`${path}.partial`, path);
  return path;
}
