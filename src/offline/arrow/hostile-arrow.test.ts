// Uploads that are made to hurt: refused by column and type, or by a limit, before they cost anything.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { arrowToParquet } from './arrow-to-parquet.ts';
import { type LabelLimits, OWN_LABELS } from './label-limits.ts';

async function convert(ipc: Uint8Array, limits: Partial<LabelLimits> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-hostile-'));
  try {
    const path = join(folder, 'labels.arrow');
    await writeFile(path, ipc);
    return await arrowToParquet(path, folder, { ...OWN_LABELS, ...limits });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const empty = (columns: Readonly<Record<string, arrow.DataType>>, format: 'stream' | 'file' = 'stream') => {
  const fields = Object.entries(columns).map(([name, type]) => new arrow.Field(name, type, true));
  return arrow.tableToIPC(new arrow.Table(new arrow.Schema(fields)), format);
};
const nested = (levels: number): arrow.DataType =>
  levels === 0 ? new arrow.Int32() : new arrow.List(new arrow.Field('item', nested(levels - 1), true));

const REFUSED: readonly (readonly [what: string, type: arrow.DataType])[] = [
  ['interval', new arrow.Interval(arrow.IntervalUnit.MONTH_DAY_NANO)],
  ['interval', new arrow.Interval(arrow.IntervalUnit.YEAR_MONTH)],
  ['interval', new arrow.List(new arrow.Field('item', new arrow.Interval(arrow.IntervalUnit.DAY_TIME), true))],
  ['union', new arrow.SparseUnion([0], [new arrow.Field('a', new arrow.Int32())])],
  ['dictionary of lists or structs', new arrow.Dictionary(nested(1), new arrow.Int32())],
  ['struct without fields', new arrow.Struct([])],
  ['fixed-size binary of 0 bytes', new arrow.FixedSizeBinary(0)],
  ['decimal of a scale below 0 or beyond its digits', new arrow.Decimal(-2, 10, 128)],
  ['union', new arrow.DenseUnion([0], [new arrow.Field('a', new arrow.Int32())])],
];
for (const [name, type] of REFUSED) {
  for (const format of ['stream', 'file'] as const) {
    test(`regression: a column of the type ${type} in a ${format} is refused by name`, async () => {
      const ipc = empty({ ok: new arrow.Int32(), odd: type }, format);
      await assert.rejects(convert(ipc), {
        code: 'INVALID_LABELS',
        message: new RegExp(`^label column odd: found the Arrow type ${name}, expected`),
        details: { column: 'odd', type: name },
      });
    });
  }
}

test('regression: 50 nested lists are refused at once, with the column; as many as are allowed are read', async () => {
  const limits = { depth: 8 };
  await assert.rejects(convert(empty({ deep: nested(50) }), limits), {
    code: 'INVALID_LABELS',
    message: /^label column deep is nested too deeply: .*more than 8 .*server\.limits\.labelDepth/,
  });
  await assert.rejects(convert(empty({ deep: nested(9) }), limits), { code: 'INVALID_LABELS' });
  assert.equal((await convert(empty({ deep: nested(8) }), limits))[0]?.rows, 0);
});

test('regression: 20,000 columns, or as many fields within one, are refused at once', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => [`c${i}`, new arrow.Int32()] as const);
  const tooMany = { code: 'TOO_LARGE', message: /at most 1000 \(server\.limits\.labelColumns\)/ };
  await assert.rejects(convert(empty(Object.fromEntries(many))), tooMany);
  const struct = new arrow.Struct(many.map(([name, type]) => new arrow.Field(name, type)));
  await assert.rejects(convert(empty({ s: struct })), tooMany);
});

test('rows are counted before any is read', async () => {
  const ipc = arrow.tableToIPC(new arrow.Table({ x: arrow.vectorFromArray([1, 2, 3], new arrow.Int32()) }), 'stream');
  await assert.rejects(convert(ipc, { rows: 2 }), {
    code: 'TOO_LARGE',
    message: /found 3 labels or more, expected at most 2 \(server\.limits\.uploadedLabelRows\)/,
  });
  assert.equal((await convert(ipc, { rows: 3 }))[0]?.rows, 3);
});

const decompressed = { code: 'TOO_LARGE', message: /server\.limits\.labelDecompressedBytes/ };

test('regression: a small compressed stream does not grow over the limit of decompressed bytes', async () => {
  const { compressionRegistry, CompressionType } = arrow;
  const decode = compressionRegistry.get(CompressionType.ZSTD)?.decode;
  assert.ok(decode !== undefined);
  compressionRegistry.set(CompressionType.ZSTD, { decode, encode: (bytes) => zstdCompressSync(bytes) });
  const rows = 2_000_000;
  const table = new arrow.Table({ x: arrow.makeVector(new BigInt64Array(rows)) });
  const writer = new arrow.RecordBatchStreamWriter({ compressionType: CompressionType.ZSTD });
  const ipc = writer.writeAll(table).toUint8Array(true);
  assert.ok(ipc.byteLength < 40_000, `${ipc.byteLength} bytes`);
  await assert.rejects(convert(ipc, { decompressedBytes: 1_000_000 }), decompressed);
  await assert.rejects(convert(ipc, { decompressedBytes: rows * 8 - 1 }), decompressed);
  assert.equal((await convert(ipc, { decompressedBytes: rows * 8 }))[0]?.rows, rows);
});

test('a column of nulls, which has no bytes, counts as what it becomes', async () => {
  const rows = 1_000_000;
  const nulls = new arrow.Vector([arrow.makeData({ type: new arrow.Null(), length: rows })]);
  const ipc = arrow.tableToIPC(new arrow.Table({ x: nulls }), 'stream');
  await assert.rejects(convert(ipc, { decompressedBytes: 1_000_000 }), decompressed);
  assert.equal((await convert(ipc, { decompressedBytes: 10_000_000 }))[0]?.rows, rows);
});

test('a damaged column is named, in words of ours', async () => {
  const valueOffsets = new Int32Array([0, 1]);
  const text = arrow.makeData({ type: new arrow.Utf8(), length: 1, valueOffsets, data: new Uint8Array([255]) });
  const columns = { ok: arrow.vectorFromArray([1], new arrow.Int32()), odd: new arrow.Vector([text]) };
  await assert.rejects(convert(arrow.tableToIPC(new arrow.Table(columns), 'stream')), {
    code: 'INVALID_LABELS',
    message: /^label column odd cannot be converted: found text that is not UTF-8/,
    details: { column: 'odd' },
  });
});

test('regression: text that is not UTF-8 is blamed on its own column', async () => {
  const columns = {
    first: arrow.makeVector(new Int32Array([1])),
    second: arrow.vectorFromArray(['abcdef'], new arrow.Utf8()),
  };
  const ipc = Buffer.from(arrow.tableToIPC(new arrow.Table(columns), 'stream'));
  ipc[ipc.lastIndexOf('abcdef')] = 0xff;
  await assert.rejects(convert(ipc), { code: 'INVALID_LABELS', message: /^label column second cannot be converted/ });
});

test('regression: an instant that microseconds do not reach names its column', async () => {
  for (const unit of [arrow.TimeUnit.SECOND, arrow.TimeUnit.MILLISECOND]) {
    const type = new arrow.Timestamp(unit, 'UTC');
    const far = arrow.makeVector(arrow.makeData({ type, length: 1, data: new BigInt64Array([2n ** 62n]) }));
    const ipc = arrow.tableToIPC(new arrow.Table({ ok: arrow.makeVector(new Int32Array(1)), far }), 'stream');
    await assert.rejects(convert(ipc), {
      code: 'INVALID_LABELS',
      message: /^label column far: found the instant 4611686018427387904 of Timestamp/,
    });
  }
});

test('regression: values of a dictionary count once for each row', async () => {
  const rows = 1000;
  const words = arrow.vectorFromArray(['x'.repeat(1000)], new arrow.Utf8());
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
  const data = arrow.makeData({ type, length: rows, data: new Int32Array(rows), dictionary: words });
  const ipc = arrow.tableToIPC(new arrow.Table({ words: arrow.makeVector(data) }), 'stream');
  assert.equal((await convert(ipc, { decompressedBytes: 1_100_000 }))[0]?.rows, rows);
  await assert.rejects(convert(ipc, { decompressedBytes: 990_000 }), { code: 'TOO_LARGE' });
});

test('regression: nulls of a dictionary column take no bytes, values of a fixed size theirs', async () => {
  const rows = 1000;
  const words = arrow.vectorFromArray(['x'.repeat(1000)], new arrow.Utf8());
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
  const parts = { type, length: rows, data: new Int32Array(rows), dictionary: words };
  const nulls = arrow.makeData({ ...parts, nullCount: rows, nullBitmap: new Uint8Array(rows / 8) });
  const ipc = arrow.tableToIPC(new arrow.Table({ words: arrow.makeVector(nulls) }), 'stream');
  assert.equal((await convert(ipc, { decompressedBytes: 100_000 }))[0]?.rows, rows);
  const fixed = arrow.vectorFromArray([new Uint8Array(1000)], new arrow.FixedSizeBinary(1000));
  const fixedType = new arrow.Dictionary(new arrow.FixedSizeBinary(1000), new arrow.Int32());
  const data = arrow.makeData({ type: fixedType, length: rows, data: new Int32Array(rows), dictionary: fixed });
  const large = arrow.tableToIPC(new arrow.Table({ bytes: arrow.makeVector(data) }), 'stream');
  await assert.rejects(convert(large, { decompressedBytes: 100_000 }), { code: 'TOO_LARGE' });
});

test('words of a library are not repeated', async () => {
  const ipc = Buffer.from(arrow.tableToIPC(new arrow.Table({ a: arrow.makeVector(new Int32Array(100)) }), 'stream'));
  for (let at = 8; at < ipc.length; at += 7) {
    const damaged = Buffer.from(ipc);
    damaged.fill(0xfe, at, Math.min(at + 9, ipc.length));
    await convert(damaged).catch((error: Error) =>
      assert.doesNotMatch(error.message, /DataView|bounds|undefined|Parquet error/),
    );
  }
});
