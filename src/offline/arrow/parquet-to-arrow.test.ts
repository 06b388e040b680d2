import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import { parquetToArrow } from './parquet-to-arrow.ts';

const COLUMNS = `
  SELECT i::BIGINT * 461168601842738 AS big, CASE WHEN i % 3 <> 0 THEN 'text ü ' || i END AS text, (i / 7)::FLOAT AS single,
    i / 7 AS double, i % 2 = 0 AS flag, CASE WHEN i % 5 <> 0 THEN make_timestamp(i * 1000003 - 5000000) END AS at,
    make_timestamptz(i * 1000003) AS zoned, CASE WHEN i % 4 <> 0 THEN range(i % 3) END AS list,
    [i::FLOAT, 1.5::FLOAT] AS vector, ('b' || i)::BLOB AS bytes`;

describe('parquet to arrow', () => {
  let folder: string;
  let database: DuckDBInstance;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumb-parquet-'));
    database = await DuckDBInstance.create();
  });
  after(async () => {
    database.closeSync();
    await rm(folder, { recursive: true });
  });

  const writePart = async (name: string, select: string): Promise<string> => {
    const path = join(folder, name);
    const connection = await database.connect();
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    connection.closeSync();
    return path;
  };
  const target = () => join(folder, 'out.arrow');

  it('writes the rows of all parts, in order, with their types', async () => {
    const parts = [
      await writePart('0.parquet', `${COLUMNS} FROM range(0, 10000) t(i) ORDER BY i`),
      await writePart('1.parquet', `${COLUMNS} FROM range(0) t(i)`),
      await writePart('2.parquet', `${COLUMNS} FROM range(10000, 10010) t(i) ORDER BY i`),
    ];
    assert.equal(await parquetToArrow(parts, target()), 10_010);
    const table = tableFromIPC(await readFile(target()));
    assert.equal(table.numRows, 10_010);
    const types = table.schema.fields.map(({ name, type }) => `${name} ${type}`);
    assert.deepEqual(types, [
      'big Int64',
      'text Utf8',
      'single Float32',
      'double Float64',
      'flag Bool',
      'at Timestamp<MICROSECOND>',
      'zoned Timestamp<MICROSECOND, UTC>',
      'list List<Int64>',
      'vector List<Float32>',
      'bytes Binary',
    ]);
    const micros = (column: string, row: number) =>
      table.getChild(column)?.data.flatMap((data) => [...(data.values as BigInt64Array)])[row];
    for (const row of [0, 1, 3, 9_999, 10_000, 10_009]) {
      const found = table.get(row)?.toJSON() as Record<string, unknown>;
      assert.equal(found.big, BigInt(row) * 461168601842738n);
      assert.equal(found.text, row % 3 === 0 ? null : `text ü ${row}`);
      assert.equal(found.single, Math.fround(row / 7));
      assert.equal(found.double, row / 7);
      assert.equal(found.flag, row % 2 === 0);
      assert.equal(found.at === null, row % 5 === 0);
      if (row % 5 !== 0) assert.equal(micros('at', row), BigInt(row) * 1000003n - 5000000n);
      assert.equal(micros('zoned', row), BigInt(row) * 1000003n);
      assert.deepEqual(
        found.list === null ? null : [...(found.list as Iterable<bigint>)],
        row % 4 === 0 ? null : [0n, 1n, 2n].slice(0, row % 3),
      );
      assert.deepEqual([...(found.vector as Iterable<number>)], [row, 1.5]);
      assert.deepEqual(Buffer.from(found.bytes as Uint8Array), Buffer.from(`b${row}`));
    }
  });

  it('writes a file that can also be read from its start', async () => {
    const part = await writePart('s.parquet', 'SELECT i FROM range(5) t(i)');
    await parquetToArrow([part], target());
    const stream = (await readFile(target())).subarray(8);
    assert.deepEqual(
      [...RecordBatchReader.from(stream)].map(({ numRows }) => numRows),
      [5],
    );
  });

  it('keeps the columns of no rows', async () => {
    assert.equal(await parquetToArrow([await writePart('e.parquet', `${COLUMNS} FROM range(0) t(i)`)], target()), 0);
    const table = tableFromIPC(await readFile(target()));
    assert.deepEqual(
      [table.numRows, table.schema.fields.length, String(table.schema.fields[7]?.type)],
      [0, 10, 'List<Int64>'],
    );
  });

  it('leaves what was there when a part is damaged or differs', async () => {
    const good = await writePart('g.parquet', 'SELECT 1 AS a');
    const other = await writePart('o.parquet', 'SELECT 1 AS b');
    const damaged = join(folder, 'd.parquet');
    const content = await readFile(good);
    await writeFile(damaged, content.subarray(0, content.byteLength - 20));
    await writeFile(target(), 'before');
    for (const [parts, message] of [
      [[good, damaged], /part d\.parquet cannot be read/],
      [[good, other], /part o\.parquet has the columns b Int32, expected a Int32/],
      [[good, join(folder, 'missing.parquet')], /part missing\.parquet cannot be read/],
    ] as const) {
      await assert.rejects(() => parquetToArrow(parts, target()), { code: 'STORAGE_CORRUPT', message });
    }
    assert.equal(await readFile(target(), 'utf8'), 'before');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('says that the target cannot be written', async () => {
    const part = await writePart('t.parquet', 'SELECT 1 AS a');
    await assert.rejects(() => parquetToArrow([part], join(folder, 'no-such-folder', 'out.arrow')), {
      code: 'STORAGE_UNAVAILABLE',
      message: /writing out\.arrow/,
    });
  });
});
