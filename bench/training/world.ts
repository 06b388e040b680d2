// Deterministic worlds: events of users over thirty days, and labels that ask for their features.
//
//   events/part-NN.parquet  user_id, ts, amount (1 % null), item (one of 10,000); in time order, as a log would be
//   labels.parquet          label_id, user_id, event_timestamp, clicked; in no order of time
//
// Draws are hashes of a row's number, so a size or a seed names one world (for one version of DuckDB).
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckdb, text } from '../duckdb.ts';

export const SHAPES = ['uniform', 'hot'] as const;
/** hot: 60 % of events and of labels are of one key. */
export type Shape = (typeof SHAPES)[number];

export interface World {
  readonly shape: Shape;
  readonly events: number;
  readonly labels: number;
  readonly keys: number;
  readonly seed: number;
  /** Instants are multiples of it: coarse ones put many of them on window edges and on each other. */
  readonly tickMicros: number;
}

const START_MICROS = Date.UTC(2026, 0, 1) * 1000;
const SPAN_MICROS = 30 * 86_400_000_000;
const EVENT_FILES = 10;
const HOT_SHARE = 0.6;
const ITEMS = 10_000;
/** Labels are drawn with row numbers that no event has. */
const LABEL_OFFSET = 1_000_000_000_000;

/** The folder of the world; written at first use. */
export async function worldFolder(dataFolder: string, world: World): Promise<string> {
  const { shape, events, labels, keys, seed, tickMicros } = world;
  const folder = join(
    dataFolder,
    `${shape}-${events}-events-${labels}-labels-${keys}-keys-${tickMicros}-tick-seed-${seed}`,
  );
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'events'), { recursive: true });
  await write(partial, world);
  await rename(partial, folder);
  return folder;
}

async function write(folder: string, { shape, events, labels, keys, seed, tickMicros }: World): Promise<void> {
  using duckdb = await openDuckdb();
  await duckdb.run("SET TimeZone = 'UTC'");
  // In [0, 1); `c` numbers the draws of a row.
  await duckdb.run(
    `CREATE MACRO draw(i, c) AS (hash(CAST(i * 8 + c AS BIGINT) + ${seed} * CAST(1e15 AS BIGINT)) >> 11) / 9007199254740992.0`,
  );
  await duckdb.run(
    `CREATE MACRO instant(x) AS make_timestamp(CAST(${START_MICROS} + floor(x * ${SPAN_MICROS} / ${tickMicros}) * ${tickMicros} AS BIGINT))`,
  );
  const anyKey = `CAST(floor(draw(i, 1) * ${keys}) AS BIGINT)`;
  const key = shape === 'uniform' ? anyKey : `CASE WHEN draw(i, 0) < ${HOT_SHARE} THEN 0 ELSE ${anyKey} END`;
  for (let file = 0; file < EVENT_FILES; file += 1) {
    const [from, to] = [Math.floor((events * file) / EVENT_FILES), Math.floor((events * (file + 1)) / EVENT_FILES)];
    const select = `SELECT ${key} AS user_id, instant((i + draw(i, 2)) / ${events}) AS ts,
      CASE WHEN draw(i, 3) >= 0.01 THEN round(draw(i, 4) * 100, 2) END AS amount, CAST(floor(draw(i, 5) * ${ITEMS}) AS BIGINT) AS item
      FROM range(${from}, ${to}) r(i)`;
    await copy(select, join(folder, 'events', `part-${String(file).padStart(2, '0')}.parquet`));
  }
  const select = `SELECT i - ${LABEL_OFFSET} AS label_id, ${key} AS user_id, instant(draw(i, 2)) AS event_timestamp, draw(i, 3) < 0.1 AS clicked
    FROM range(${LABEL_OFFSET}, ${LABEL_OFFSET + labels}) r(i)`;
  await copy(select, join(folder, 'labels.parquet'));

  async function copy(sql: string, path: string): Promise<void> {
    await duckdb.run(`COPY (${sql}) TO ${text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`);
  }
}
