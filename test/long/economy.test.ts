// One per cent of new rows in files of their own: an incremental run of a row view reads them, and little else.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { mustRun } from './plumb-process.ts';
import { copyProject } from './small-project.ts';

const FILES = 60;
const ROWS_PER_FILE = 10_000;
const NEW_FILES = 2;
const NEW_ROWS_PER_FILE = (FILES * ROWS_PER_FILE) / 100 / NEW_FILES;
/** The last instants of the old and of the new rows. */
const T1 = '2026-03-02T00:00:00Z';
const T2 = '2026-03-03T00:00:00Z';

const definitions = (created: boolean): string => `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
sources:
  - name: profiles
    kind: batch
    path: data/*.parquet
    format: parquet
    timestampColumn: ts
    ${created ? 'createdTimestampColumn: ingested_at' : ''}
featureViews:
  - name: profile
    kind: row
    entities: [user]
    source: profiles
    lateness: 1h
    features:
      - { name: score, type: float64 }
      - { name: step, type: int64 }
featureServices:
  - name: ranking
    features: [profile:*]
`;

/** Rows of one day a file; a key comes back in every file. `day` 60 is that of the new rows. */
async function writeFiles(
  folder: string,
  first: number,
  count: number,
  rows: number,
  day: (file: number) => number,
): Promise<void> {
  await using session = await DuckdbSession.open({ memoryBytes: 2 ** 30, threads: 1, files: [], folders: [folder] });
  for (let file = first; file < first + count; file++) {
    const ts = `TIMESTAMP '2026-01-01' + INTERVAL (${day(file)}) DAY + INTERVAL (i * 8) SECOND`;
    const select = `SELECT (i * 7919 + ${file}) % 20000 AS user_id, ${ts} AS ts, ${ts} + INTERVAL 1 MINUTE AS ingested_at, i / 3 AS score, ${file}::BIGINT AS step FROM range(${rows}) r(i)`;
    const path = join(folder, `part-${String(file).padStart(3, '0')}.parquet`);
    await session.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  }
}

interface Run {
  readonly mode: string;
  readonly rowsScanned: number;
  readonly rowsWritten: number;
  readonly sourceFiles: { readonly rowGroupsTotal: number; readonly rowGroupsScanned: number };
}

async function materialize(folder: string, ...args: readonly string[]): Promise<Run> {
  const { out } = await mustRun(folder, ['materialize', ...args, '--json']);
  const [run] = (JSON.parse(out) as { readonly runs: readonly Run[] }).runs;
  assert.ok(run);
  return run;
}

async function lookupAll(folder: string): Promise<string> {
  const entities = Array.from({ length: 400 }, (_, i) => JSON.stringify({ user_id: i * 50 }));
  const args = ['get', '--service', 'ranking', '--at', T2, '--json', '--entity', ...entities];
  const { rows, statuses } = JSON.parse((await mustRun(folder, args)).out) as {
    readonly rows: unknown;
    readonly statuses: unknown;
  };
  return JSON.stringify({ rows, statuses });
}

for (const created of [false, true]) {
  test(`1 % new rows as new files, ${created ? 'with' : 'without'} a created column: at most 5 % of row groups are read`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-economy-'));
    try {
      const data = join(folder, 'data');
      await mkdir(data);
      await mkdir(join(folder, 'features'));
      await writeFile(
        join(folder, 'plumb.yaml'),
        'project: economy\nengine: { kind: duckdb, threads: 1, memoryLimit: 1GB }\n',
      );
      await writeFile(join(folder, 'features/all.yaml'), definitions(created));
      await writeFiles(data, 0, FILES, ROWS_PER_FILE, (file) => file);
      await mustRun(folder, ['apply']);
      const first = await materialize(folder, '--until', T1);
      assert.ok(first.sourceFiles.rowGroupsScanned === first.sourceFiles.rowGroupsTotal);
      await writeFiles(data, FILES, NEW_FILES, NEW_ROWS_PER_FILE, () => FILES);
      const full = await copyProject(folder);
      const { mode, rowsScanned, rowsWritten, sourceFiles } = await materialize(folder, '--until', T2);
      const { rowGroupsScanned, rowGroupsTotal } = sourceFiles;
      t.diagnostic(
        `read ${rowGroupsScanned} of ${rowGroupsTotal} row groups, ${rowsScanned} rows; wrote ${rowsWritten}`,
      );
      assert.equal(mode, 'incremental');
      assert.ok(rowGroupsScanned > 0 && rowGroupsScanned <= 0.05 * rowGroupsTotal);
      await materialize(full, '--until', T2, '--full');
      const answers = await lookupAll(folder);
      assert.ok(answers === (await lookupAll(full)), 'other answers than after a full run');
      assert.match(answers, new RegExp(`,${FILES}\\]`), 'a value of the new rows is served');
      await rm(full, { recursive: true });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
