// Files of one source that differ from one another are refused, never filled up with nulls.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Source } from '../../catalog/catalog.ts';
import { scanSql } from '../../sql/duckdb/scan.ts';
import { parseHeader } from './csv-header.ts';
import { checkedFiles } from './scanned-files.ts';
import { DuckdbSession } from './session.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-scan-'));
});
after(() => rm(folder, { recursive: true }));

const source = (format: Source['format']): Source => ({
  name: 'rows',
  kind: 'batch',
  path: '*',
  format,
  timestampColumn: 'ts',
  timestampUnit: null,
  createdTimestampColumn: null,
  createdTimestampUnit: null,
  columns: new Map([
    ['id', 'int64'],
    ['ts', 'timestamp'],
    ['amt', 'float64'],
  ]),
  description: null,
  owner: null,
  tags: {},
});

/** Sum of `amt` and count of rows with a time, over CSV files of these contents. */
async function read(...contents: readonly string[]): Promise<unknown> {
  const files = await Promise.all(
    contents.map(async (content, i) => {
      const localPath = join(folder, `${i}.csv`);
      await writeFile(localPath, content);
      return { path: `${i}.csv`, localPath };
    }),
  );
  await using session = await DuckdbSession.open({ memoryBytes: null, threads: 1, files: [], folders: [folder] });
  const scan = scanSql(source('csv'), await checkedFiles(session, source('csv'), files), {
    fromMicros: null,
    toMicros: null,
  });
  const row = await session.row(`SELECT count(ts) AS n, sum(${scan.column('amt')}) AS total FROM ${scan.from}`);
  return [Number(row.n), row.total];
}

const GOOD = 'id,ts,amt\n1,2026-01-01T00:00:00Z,2.5\n';
const mismatch = (message: RegExp) => ({ code: 'SOURCE_MISMATCH', message });

test('CSV files with their columns in another order, quoted, with CRLF and a byte order mark, and of no bytes', async () => {
  assert.deepEqual(await read(GOOD, '\uFEFF"amt","ts","id"\r\n"4","2026-01-02T00:00:00Z","1"\r\n', ''), [2, 6.5]);
});

test('CSV rows that are too long, too short, or never close a quote are refused with their line', async () => {
  for (const row of ['1,2026-01-02T00:00:00Z,8,9', '1,2026-01-02T00:00:00Z', '"1,2026-01-02T00:00:00Z,7']) {
    await assert.rejects(read(GOOD, `${GOOD}${row}\n`), mismatch(/^1\.csv, line 3: found/), row);
  }
});

test('a CSV file without a declared column, or without a header, is refused by name', async () => {
  await assert.rejects(
    read(GOOD, GOOD.replace('amt', 'amount')),
    mismatch(/1\.csv has no column amt; it has .*amount/),
  );
  await assert.rejects(read(GOOD, GOOD.slice(GOOD.indexOf('\n') + 1)), mismatch(/1\.csv has no column/));
  await assert.rejects(read(GOOD.replace('amt', 'ts')), mismatch(/0\.csv has the column ts twice/));
});

test('a Parquet file without a declared column is refused by name', async () => {
  await using session = await DuckdbSession.open({ memoryBytes: null, threads: 1, files: [], folders: [folder] });
  const files = ['amt', 'amount'].map((column) => ({
    column,
    path: `${column}.parquet`,
    localPath: join(folder, `${column}.parquet`),
  }));
  for (const { column, localPath } of files) {
    await session.run(
      `COPY (SELECT 1::BIGINT AS id, TIMESTAMP '2026-01-01' AS ts, 2.5::DOUBLE AS ${column}) TO '${localPath}'`,
    );
  }
  await assert.rejects(checkedFiles(session, source('parquet'), files), mismatch(/amount\.parquet has no column amt/));
});

test('headers: quotes, doubled quotes, line ends', () => {
  assert.deepEqual(parseHeader('a,"b ""x"", y",c\r\n1,2,3', 'f'), ['a', 'b "x", y', 'c']);
  assert.deepEqual(parseHeader('a', 'f'), ['a']);
});
