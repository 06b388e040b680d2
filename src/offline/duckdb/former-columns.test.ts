import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrainingSetNode } from '../../plan/nodes.ts';
import { formerColumns } from '../../sql/duckdb/former-columns.ts';
import { text } from '../../sql/duckdb/names.ts';
import { LABEL_ROW } from '../../sql/labels.ts';
import { DuckdbSession } from './session.ts';

const PLAN: TrainingSetNode = {
  kind: 'training_set',
  service: 's',
  labels: { timestampColumn: 't', keys: [] },
  parts: [],
  outputs: [
    { name: 'n', type: 'int64', part: null, column: 'file_row_number' },
    { name: 'at', type: 'timestamp', part: null, column: 'at' },
  ],
  onInvalid: 'fail',
};
/** More than two row groups each. */
const ROWS = [300_000, 300_000, 7];

test('rows of several parts are numbered in their order, on any number of threads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-former-'));
  await using session = await DuckdbSession.open({ memoryBytes: 2 ** 29, threads: 4, files: [], folders: [folder] });
  try {
    let first = 0;
    const paths: string[] = [];
    for (const [i, rows] of ROWS.entries()) {
      // Named so that no order by name is the right one.
      const path = join(folder, `part-${9 - i}.parquet`);
      await session.run(
        `COPY (SELECT range AS file_row_number, CAST(make_timestamp(range) AS TIMESTAMPTZ) AS "at" FROM range(${first}, ${first + rows})) TO ${text(path)} (FORMAT parquet)`,
      );
      first += rows;
      paths.push(path);
    }
    const { n, wrong, type } = await session.row(
      `SELECT count(*) AS n, count(*) FILTER (WHERE ${LABEL_ROW} <> file_row_number OR epoch_us("at") <> ${LABEL_ROW}) AS wrong, any_value(typeof("at")) AS type FROM ${formerColumns(PLAN, paths)}`,
    );
    assert.deepEqual([n, wrong, type], [600_007n, 0n, 'TIMESTAMP']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
