// Parquet files of one source that strangers wrote: each reads as the declared type by itself, or is refused by name.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as arrow from 'apache-arrow';
import { Table, writeParquet } from 'parquet-wasm';
import type { DataType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { scanSql } from '../../sql/duckdb/scan.ts';
import { fileUri } from '../../storage/location.ts';
import type { LocalFile } from './local-jobs.ts';
import { selectFiles } from './parquet-files.ts';
import { checkedFiles } from './scanned-files.ts';
import { DuckdbSession } from './session.ts';
import { createDuckdbSourceInspector } from './source-inspector.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-drift-'));
});
after(() => rm(folder, { recursive: true }));

const LIMITS = { memoryBytes: null, threads: 1 };
const EVERYTHING = { fromMicros: null, toMicros: null };

const sourceOf = (columns: Readonly<Record<string, DataType>>, times: Partial<Source> = {}): Source => ({
  name: 'rows',
  kind: 'batch',
  path: '*',
  format: 'parquet',
  timestampColumn: 'ts',
  timestampUnit: null,
  createdTimestampColumn: null,
  createdTimestampUnit: null,
  columns: new Map(Object.entries({ ts: 'timestamp', ...columns } as const)),
  description: null,
  owner: null,
  tags: {},
  ...times,
});

let count = 0;
/** A file for each: a select list without the column `ts`, or Arrow columns. */
async function filesOf(
  ...contents: readonly (string | Readonly<Record<string, arrow.Vector>>)[]
): Promise<LocalFile[]> {
  await using session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
  const files: LocalFile[] = [];
  for (const content of contents) {
    const localPath = join(folder, `${count}.parquet`);
    const path = `${String.fromCharCode(97 + files.length)}.parquet`;
    count += 1;
    if (typeof content === 'string')
      await session.run(
        `COPY (SELECT ${/\bAS ts\b/.test(content) ? '' : "TIMESTAMP '2026-01-01' AS ts, "}${content}) TO '${localPath}'`,
      );
    else
      await writeFile(
        localPath,
        writeParquet(Table.fromIPCStream(arrow.tableToIPC(new arrow.Table(content), 'stream'))),
      );
    files.push({ path, localPath, sizeBytes: 1, identity: '' });
  }
  return files;
}

async function readColumn(source: Source, files: readonly LocalFile[], name: string): Promise<unknown[]> {
  await using session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
  const used = new Set([name]);
  const needed = new Set([name, source.timestampColumn]);
  const scan = scanSql(source, await checkedFiles(session, source, files, needed), EVERYTHING, { used });
  const column = name === 'ts' ? 'ts' : scan.column(name);
  const type = source.columns.get(name);
  const isInstant = type === 'timestamp' && name !== 'ts';
  const list =
    type === 'list<timestamp>' ? `CAST(list_transform(${column}, lambda item: epoch_us(item)) AS VARCHAR)` : column;
  const sql = isInstant ? `epoch_us(${column})` : list;
  return (await session.rows(`SELECT ${sql} AS value FROM ${scan.from}`)).map(({ value }) => value);
}

async function inspected(files: readonly LocalFile[]) {
  const inspector = createDuckdbSourceInspector(LIMITS, {
    list: async () => files.map(({ localPath, ...file }) => ({ ...file, uri: fileUri(localPath) })),
    explainEmpty: async () => '',
  });
  return (await inspector.inspect({ path: '*', format: 'parquet' })).columns;
}

const mismatch = (message: RegExp) => ({ code: 'SOURCE_MISMATCH', message });

test('a key that is text in one file, int64 and double in others is refused with file, column and both types', async () => {
  const files = await filesOf("'01234' AS id", '1::BIGINT AS id', '1.0::DOUBLE AS id');
  for (const [type, found] of [
    ['string', /column id: b\.parquet has BIGINT, expected string/],
    ['int64', /column id: a\.parquet has VARCHAR, expected int64/],
  ] as const)
    await assert.rejects(readColumn(sourceOf({ id: type }), files, 'id'), mismatch(found));
  const { type, physical } = (await inspected(files)).get('id') ?? {};
  assert.deepEqual([type, physical], [null, 'VARCHAR in a.parquet and BIGINT in b.parquet']);
});

test('families are never united: booleans, dates and lists beside text, instants beside numbers, ints beside floats', async () => {
  for (const [a, b] of [
    ['true', "'true'"],
    ["DATE '2026-01-01'", "'2026-01-01'"],
    ['[1]', "['1']"],
    ["TIMESTAMP '2026-01-01'", '1.5::DOUBLE'],
    ["TIMESTAMP '2026-01-01'", '1::BIGINT'],
    ['1::BIGINT', '1.5::DOUBLE'],
  ]) {
    const columns = await inspected(await filesOf(`${a} AS v`, `${b} AS v`));
    assert.equal(columns.get('v')?.type, null, `${a} beside ${b}`);
  }
});

test('undeclared columns have the widest type of their family, and each file reads as it', async () => {
  const columns = await inspected(
    await filesOf(
      '1::INTEGER AS i, 1.5::FLOAT AS f, [1::INTEGER] AS l',
      '1::UBIGINT AS i, 1.5::DOUBLE AS f, [1::BIGINT] AS l',
    ),
  );
  assert.deepEqual(
    [...columns.values()].map(({ type }) => type),
    ['timestamp', 'int64', 'float64', 'list<int64>'],
  );
});

test('undeclared columns that a file lacks have no type', async () => {
  const columns = await inspected(await filesOf('1 AS a, 2 AS b', '1 AS a'));
  assert.deepEqual(columns.get('b'), { type: null, physical: 'INTEGER in a.parquet and no such column in b.parquet' });
});

test('a file whose column is null throughout, as Arrow writes it, fits every type', async () => {
  const nulls = arrow.makeVector(arrow.makeData({ type: new arrow.Null(), length: 1 }));
  const ts = arrow.vectorFromArray([new Date(0)], new arrow.TimestampMicrosecond());
  const files = await filesOf({ ts, v: nulls }, "'x' AS v");
  assert.equal((await inspected(files)).get('v')?.type, 'string');
  assert.deepEqual(await readColumn(sourceOf({ v: 'string' }), files, 'v'), [null, 'x']);
});

test('nanoseconds in one file and 9999-12-31 in microseconds in another: each is cut by itself, also in lists', async () => {
  const files = await filesOf(
    "TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS v, [TIMESTAMP_NS '1969-12-31 23:59:59.999999999'] AS l",
    "TIMESTAMP '9999-12-31' AS v, [TIMESTAMP '9999-12-31'] AS l",
  );
  assert.deepEqual(await readColumn(sourceOf({ v: 'timestamp' }), files, 'v'), [-1n, 253402214400000000n]);
  assert.deepEqual(await readColumn(sourceOf({ l: 'list<timestamp>' }), files, 'l'), ['[-1]', '[253402214400000000]']);
});

test('a nested field, a list element or the root of a schema is no column', async () => {
  const [whole, nested] = await filesOf(
    '1.5::DOUBLE AS v',
    "{'v': 2.5::DOUBLE, 'x': [{'v': 1}]} AS s, [1] AS l, map {'k': 1} AS m",
  );
  for (const name of ['v', 'element', 'list', 'duckdb_schema', 'key'])
    await assert.rejects(
      readColumn(sourceOf({ [name]: 'float64' }), [nested as LocalFile], name),
      mismatch(new RegExp(`a\\.parquet|b\\.parquet has no column ${name}`)),
    );
  assert.deepEqual(await readColumn(sourceOf({ v: 'float64' }), [whole as LocalFile], 'v'), [1.5]);
});

test('columns whose names differ in case only, or are the same, are refused with both names', async () => {
  const x = arrow.vectorFromArray([1], new arrow.Int32());
  const cased = await filesOf({ x, X: x });
  await assert.rejects(inspected(cased), mismatch(/a\.parquet has the columns "x" and "X"/));
  await assert.rejects(readColumn(sourceOf({ x: 'int32' }), cased, 'x'), mismatch(/"x" and "X"/));
  await assert.rejects(readColumn(sourceOf({ X: 'int32' }), await filesOf('1 AS x'), 'X'), mismatch(/no column X/));
});

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

test('infinite instants and the extremes of int64 are null, in every unit', async () => {
  const numbers = new BigInt64Array([MIN, MAX, 0n]);
  const time = (unit: arrow.TimeUnit, zone: string | null) => {
    const type = new arrow.Timestamp(unit, zone);
    return arrow.makeVector(arrow.makeData({ type, length: 3, nullCount: 0, data: numbers }));
  };
  const zoned = [arrow.TimeUnit.MICROSECOND, arrow.TimeUnit.NANOSECOND].flatMap((unit) =>
    [null, 'UTC'].map((zone) => ({ unit, zone })),
  );
  for (const { unit, zone } of zoned) {
    const files = await filesOf({ ts: time(unit, zone) });
    assert.deepEqual(await readColumn(sourceOf({}), files, 'ts'), [null, null, 0n], `unit ${unit}, zone ${zone}`);
    await using session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
    const wanted = { fromMicros: 0n, createdFromMicros: null, toMicros: null };
    const { scanned } = await selectFiles(session, sourceOf({}), files, wanted);
    assert.deepEqual([scanned.rows, scanned.rowGroups], [3, 1]);
  }
  for (const timestampUnit of ['s', 'ms', 'us'] as const) {
    const source = sourceOf({ ts: 'int64' }, { timestampUnit });
    const ts = arrow.makeVector(numbers);
    assert.deepEqual(await readColumn(source, await filesOf({ ts }), 'ts'), [null, null, 0n], timestampUnit);
  }
  const infinite = await filesOf(
    "'infinity'::TIMESTAMP AS v",
    "'-infinity'::DATE AS v",
    "'infinity'::TIMESTAMPTZ AS v",
  );
  assert.deepEqual(await readColumn(sourceOf({ v: 'timestamp' }), infinite, 'v'), [null, null, null]);
});

test('a number that is no instant in its unit is refused with the number', async () => {
  const source = sourceOf({ ts: 'int64' }, { timestampUnit: 's' });
  const ts = arrow.makeVector(new BigInt64Array([MAX - 5n]));
  await assert.rejects(
    readColumn(source, await filesOf({ ts }), 'ts'),
    mismatch(/column ts: found 9223372036854775802/),
  );
});

test('milliseconds that the engine cannot read are refused in words of ours', async () => {
  const type = new arrow.TimestampMillisecond();
  const ts = arrow.makeVector(arrow.makeData({ type, length: 1, nullCount: 0, data: new BigInt64Array([MIN]) }));
  await assert.rejects(readColumn(sourceOf({}), await filesOf({ ts }), 'ts'), mismatch(/milliseconds/));
});

test('decimals of more than 38 digits have no type, and are refused where a type is declared', async () => {
  const data = new Uint32Array([110, 0, 0, 0, 0, 0, 0, 0]);
  const type = new arrow.Decimal(2, 40, 256);
  const v = arrow.makeVector(arrow.makeData({ type, length: 1, nullCount: 0, data }));
  const ts = arrow.vectorFromArray([new Date(0)], new arrow.TimestampMicrosecond());
  const files = await filesOf({ ts, v });
  assert.deepEqual((await inspected(files)).get('v'), { type: null, physical: 'DECIMAL(40,2)' });
  await assert.rejects(
    readColumn(sourceOf({ v: 'float64' }), files, 'v'),
    mismatch(/column v: a\.parquet has DECIMAL\(40,2\), expected float64/),
  );
  assert.deepEqual(await readColumn(sourceOf({ v: 'float64' }), await filesOf('1.10::DECIMAL(38,2) AS v'), 'v'), [1.1]);
});

test('unsigned 64-bit integers read as int64 where they fit, else the value is refused', async () => {
  const source = sourceOf({ v: 'int64' });
  assert.deepEqual(await readColumn(source, await filesOf('9223372036854775807::UBIGINT AS v'), 'v'), [MAX]);
  const beyond = await filesOf('9223372036854775808::UBIGINT AS v');
  await assert.rejects(
    readColumn(source, beyond, 'v'),
    mismatch(/found 9223372036854775808, which int64 does not hold/),
  );
});

test('an integer that a declared float does not hold exactly is refused', async () => {
  const source = sourceOf({ v: 'float64' });
  const files = await filesOf('9007199254740992::BIGINT AS v', 'NULL::BIGINT AS v', '1.5::DOUBLE AS v');
  assert.deepEqual(await readColumn(source, files, 'v'), [9007199254740992, null, 1.5]);
  assert.deepEqual(await readColumn(source, await filesOf('1::UBIGINT AS v', '2::HUGEINT AS v'), 'v'), [1, 2]);
  const beyond = await filesOf('9007199254740993::BIGINT AS v');
  await assert.rejects(
    readColumn(source, beyond, 'v'),
    mismatch(/found 9007199254740993, which float64 does not hold/),
  );
});

test('a list that is no vector of the declared length is refused', async () => {
  const source = sourceOf({ v: 'vector<float32,2>' });
  await assert.rejects(readColumn(source, await filesOf('[1::FLOAT] AS v'), 'v'), mismatch(/found 1 values/));
});

test('columns of which none is used may differ from file to file as they like', async () => {
  const files = await filesOf(
    "1::BIGINT AS id, {'a': 1} AS other",
    "2::BIGINT AS id, 'text' AS other",
    '3::BIGINT AS id',
  );
  assert.deepEqual(await readColumn(sourceOf({ id: 'int64', other: 'int64' }), files, 'id'), [1n, 2n, 3n]);
});

test('infinite instants of text are null, also in lists', async () => {
  const localPath = join(folder, 'text.csv');
  await writeFile(localPath, 'ts,n,l\ninfinity,1,"[""-infinity""]"\n2026-01-01T00:00:00Z,9223372036854775807,\n');
  const files = [{ path: 'text.csv', localPath, sizeBytes: 1, identity: '' }];
  const csv = sourceOf(
    { n: 'int64', l: 'list<timestamp>' },
    { format: 'csv', createdTimestampColumn: 'n', createdTimestampUnit: 'ms' },
  );
  await using session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
  const scan = scanSql(csv, await checkedFiles(session, csv, files), EVERYTHING);
  const rows = await session.rows(`SELECT ts, created, ${scan.column('l')}[1] IS NULL AS none FROM ${scan.from}`);
  assert.deepEqual(rows, [
    { ts: null, created: 1000n, none: true },
    { ts: 1767225600000000n, created: null, none: true },
  ]);
});

test('regression: instants with a zone at the ends of int64 microseconds are values', async () => {
  const last = MAX - 1n;
  const ends = await filesOf(`make_timestamptz(${last}) AS v`, `make_timestamptz(${-last}) AS v`);
  assert.deepEqual(await readColumn(sourceOf({ v: 'timestamp' }), ends, 'v'), [last, -last]);
});
