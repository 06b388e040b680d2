// What lookups are measured on: two row views of twenty features over the same keys. `floats` has random doubles, the
// longest numbers there are; `mixed` what services usually have: money, counts and short strings.
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { ScalarType } from '../../schemas/types.ts';
import { openDuckdb, text } from '../duckdb.ts';
import type { Options } from '../options.ts';

export const SETS = ['mixed', 'floats'] as const;
export type FeatureSet = (typeof SETS)[number];
export const FEATURES = 20;
export const UNTIL = '2026-01-03T00:00:00Z';

interface Column {
  readonly name: string;
  readonly type: ScalarType;
  /** SQL over a random double `r` from 0 to 1. */
  readonly sql: string;
}

const MIX: readonly Omit<Column, 'name'>[] = [
  { type: 'float64', sql: 'round(r * 1000, 2)' },
  { type: 'int64', sql: 'CAST(floor(r * 100000) AS BIGINT)' },
  { type: 'float64', sql: 'r' },
  { type: 'int64', sql: 'CAST(floor(r * 100) AS BIGINT)' },
  { type: 'string', sql: "concat('category-', CAST(floor(r * 1000) AS BIGINT))" },
];

const COLUMNS: Readonly<Record<FeatureSet, readonly Column[]>> = {
  mixed: Array.from({ length: FEATURES }, (_, i) => ({ name: `m${i}`, ...(MIX[i % MIX.length] as (typeof MIX)[0]) })),
  floats: Array.from({ length: FEATURES }, (_, i) => ({ name: `f${i}`, type: 'float64', sql: 'r' })),
};

/** One row per key, `user_id` from 0. */
export async function lookupRows({ dataFolder, keys, seed }: Options): Promise<string> {
  const path = join(dataFolder, `lookup-${keys}-keys-seed-${seed}.parquet`);
  if (existsSync(path)) return path;
  await mkdir(dataFolder, { recursive: true });
  using duckdb = await openDuckdb();
  const columns = SETS.flatMap((set) => COLUMNS[set]);
  const draws = columns.map(({ name, sql }, c) => {
    const r = `((hash(i * 64 + ${c} + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0)`;
    return `${sql.replace(/\br\b/, r)} AS ${name}`;
  });
  const items = ['i AS user_id', "TIMESTAMP '2026-01-01' AS ts", ...draws].join(', ');
  await duckdb.run(`COPY (SELECT ${items} FROM range(${keys}) r(i)) TO ${text(`${path}.partial`)} (FORMAT parquet)`);
  await rename(`${path}.partial`, path);
  return path;
}

/** A service of three views that hold the features of `mixed` between them. */
export const THREE_VIEWS = 'three_views';
const PARTS = [0, 7, 14].map((from, part) => ({ name: `part${part}`, columns: COLUMNS.mixed.slice(from, from + 7) }));

/** A view and a service for each set, both by its name; and the service of three views. */
export const definitions = (path: string): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: 'rows', kind: 'batch', path, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: [...SETS.map((name) => ({ name, columns: COLUMNS[name] })), ...PARTS].map(({ name, columns }) => ({
    name,
    kind: 'row',
    entities: ['user'],
    source: 'rows',
    features: columns.map(({ name, type }) => ({ name, type })),
  })),
  featureServices: [
    ...SETS.map((set) => ({ name: set, features: [`${set}:*`] })),
    { name: THREE_VIEWS, features: PARTS.map(({ name }) => `${name}:*`) },
  ],
});
