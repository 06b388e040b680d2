import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import * as arrow from 'apache-arrow';
import { arrowToParquet } from './arrow-to-parquet.ts';

// Written by pyarrow 26: event_timestamp timestamp[s] 1, 2, null; user forty a, forty b, null.
const LZ4 =
  'QVJST1cxAAD/////qAAAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAAAgAAAEAAAAAEAAAA2P///wAAAQUQAAAAGAAAAAQAAAAAAAAABAAAAHVzZXIAAAAAwP///xAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAkAAAABAAAAAAAAAAPAAAAZXZlbnRfdGltZXN0YW1wAAQABAAEAAAAAAAAAP/////YAAAAFAAAAAAAAAAMABgABgAFAAgADAAMAAAAAAMEABwAAACwAAAAAAAAAAAAAAAMABwAEAAEAAgADAAMAAAAeAAAABwAAAAUAAAAAwAAAAAAAAAAAAAABAAEAAQAAAAFAAAAAAAAAAAAAAAYAAAAAAAAABgAAAAAAAAAKgAAAAAAAABIAAAAAAAAABgAAAAAAAAAYAAAAAAAAAAnAAAAAAAAAIgAAAAAAAAAJwAAAAAAAAAAAAAAAgAAAAMAAAAAAAAAAQAAAAAAAAADAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAAEIk0YYECCAQAAgAMAAAAAGAAAAAAAAAAEIk0YYECCEwAAACIBAAEAEgIHAJAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAEIk0YYECCAQAAgAMAAAAAEAAAAAAAAAAEIk0YYECCEAAAgAAAAAAoAAAAUAAAAFAAAAAAAAAAAFAAAAAAAAAABCJNGGBAghAAAAAfYQEAFB9iAQAPUGJiYmJiAAAAAAD/////AAAAABAAAAAMABQABgAIAAwAEAAMAAAAAAAEADgAAAAoAAAABAAAAAEAAAC4AAAAAAAAAOAAAAAAAAAAsAAAAAAAAAAAAAAAAAAAAAgACAAAAAQACAAAAAQAAAACAAAAQAAAAAQAAADY////AAABBRAAAAAYAAAABAAAAAAAAAAEAAAAdXNlcgAAAADA////EAAUAAgABgAHAAwAAAAQABAAAAAAAAEKEAAAACQAAAAEAAAAAAAAAA8AAABldmVudF90aW1lc3RhbXAABAAEAAQAAADQAAAAQVJST1cx';
const ZSTD =
  'QVJST1cxAAD/////qAAAABAAAAAAAAoADAAGAAUACAAKAAAAAAEEAAwAAAAIAAgAAAAEAAgAAAAEAAAAAgAAAEAAAAAEAAAA2P///wAAAQUQAAAAGAAAAAQAAAAAAAAABAAAAHVzZXIAAAAAwP///xAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAkAAAABAAAAAAAAAAPAAAAZXZlbnRfdGltZXN0YW1wAAQABAAEAAAAAAAAAP/////gAAAAFAAAAAAAAAAMABgABgAFAAgADAAMAAAAAAMEABwAAACYAAAAAAAAAAAAAAAMAB4AEAAEAAgADAAMAAAAgAAAACQAAAAYAAAAAwAAAAAAAAAAAAAAAAAGAAgABwAGAAAAAAAAAQUAAAAAAAAAAAAAABIAAAAAAAAAGAAAAAAAAAAdAAAAAAAAADgAAAAAAAAAEgAAAAAAAABQAAAAAAAAACEAAAAAAAAAeAAAAAAAAAAcAAAAAAAAAAAAAAACAAAAAwAAAAAAAAABAAAAAAAAAAMAAAAAAAAAAQAAAAAAAAABAAAAAAAAACi1L/0gAQkAAAMAAAAAAAAYAAAAAAAAACi1L/0gGGUAACABAAIAAgBAYgxgAQAAAAEAAAAAAAAAKLUv/SABCQAAAwAAAAAAABAAAAAAAAAAKLUv/SAQgQAAAAAAACgAAABQAAAAUAAAAAAAAAAAAABQAAAAAAAAACi1L/0gUF0AABhhYWICAEApPgALAAAAAP////8AAAAAEAAAAAwAFAAGAAgADAAQAAwAAAAAAAQAOAAAACgAAAAEAAAAAQAAALgAAAAAAAAA6AAAAAAAAACYAAAAAAAAAAAAAAAAAAAACAAIAAAABAAIAAAABAAAAAIAAABAAAAABAAAANj///8AAAEFEAAAABgAAAAEAAAAAAAAAAQAAAB1c2VyAAAAAMD///8QABQACAAGAAcADAAAABAAEAAAAAAAAQoQAAAAJAAAAAQAAAAAAAAADwAAAGV2ZW50X3RpbWVzdGFtcAAEAAQABAAAANAAAABBUlJPVzE=';

const FORMATS = ['stream', 'file'] as const;

describe('arrow to parquet', () => {
  let folder: string;
  let database: DuckDBInstance;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumb-arrow-'));
    database = await DuckDBInstance.create();
  });
  after(async () => {
    database.closeSync();
    await rm(folder, { recursive: true });
  });

  const convert = async (ipc: Uint8Array) => {
    const out = await mkdtemp(join(folder, 'out-'));
    await writeFile(join(out, 'labels.arrow'), ipc);
    return await arrowToParquet(join(out, 'labels.arrow'), out);
  };
  const query = async (sql: string) => {
    const connection = await database.connect();
    const rows = (await connection.runAndReadAll(sql)).getRowsJson();
    connection.closeSync();
    return rows;
  };
  const convertAndRead = async (ipc: Uint8Array, select = '*') => {
    const [part] = await convert(ipc);
    return await query(`SELECT ${select} FROM '${part?.localPath}'`);
  };
  const column = (values: readonly unknown[], type: arrow.DataType) =>
    new arrow.Table({ x: arrow.vectorFromArray(values as unknown[], type) });
  const ipcOf = (table: arrow.Table, format: 'stream' | 'file' = 'stream') => arrow.tableToIPC(table, format);
  const instants = (values: readonly bigint[], type: arrow.DataType) =>
    new arrow.Table({
      x: new arrow.Vector([arrow.makeData({ type: type as arrow.Timestamp, data: BigInt64Array.from(values) })]),
    });

  const simple = new arrow.Table({
    user: arrow.vectorFromArray(['a', null, 'ü', 'a'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    id: arrow.vectorFromArray([1n, 2n ** 62n, null, -1n], new arrow.Int64()),
    ok: arrow.vectorFromArray([true, null, false, true], new arrow.Bool()),
  });
  for (const format of FORMATS) {
    it(`reads the ${format} format: dictionaries, nulls, big integers, in order`, async () => {
      assert.deepEqual(await convertAndRead(ipcOf(simple, format)), [
        ['a', '1', true],
        [null, '4611686018427387904', null],
        ['ü', null, false],
        ['a', '-1', true],
      ]);
    });

    it(`keeps the columns of an empty ${format}`, async () => {
      const empty = new arrow.Table(simple.schema);
      const [part] = await convert(ipcOf(empty, format));
      assert.equal(part?.rows, 0);
      assert.deepEqual(await query(`SELECT name FROM parquet_schema('${part?.localPath}') OFFSET 1`), [
        ['user'],
        ['id'],
        ['ok'],
      ]);
    });
  }

  for (const [what, base64] of [
    ['LZ4', LZ4],
    ['ZSTD', ZSTD],
  ] as const) {
    it(`reads ${what} compression as others write it`, async () => {
      assert.deepEqual(await convertAndRead(Buffer.from(base64, 'base64'), 'epoch_us(event_timestamp), "user"'), [
        ['1000000', 'a'.repeat(40)],
        ['2000000', 'b'.repeat(40)],
        [null, null],
      ]);
    });
  }

  for (const [type, values, expected] of [
    [new arrow.TimestampSecond(), [1n, -1n], ['1000000', '-1000000']],
    [new arrow.TimestampMillisecond(), [1n, -1n], ['1000', '-1000']],
    [new arrow.TimestampMicrosecond(), [1n, -1n], ['1', '-1']],
    [new arrow.TimestampNanosecond(), [1999n, -1n, -1000n, -1001n], ['1', '-1', '-1', '-2']],
    [new arrow.TimestampNanosecond('Europe/Berlin'), [1000n, -1n], ['1', '-1']],
    [new arrow.TimestampSecond('+02:00'), [1n], ['1000000']],
    [new arrow.DateMillisecond(), [86_400_001n, -1n], ['86400001000', '-1000']],
  ] as const) {
    it(`reads ${type} as microseconds, floored`, async () => {
      const zoned = arrow.DataType.isTimestamp(type) && type.timezone != null;
      const rows = await convertAndRead(ipcOf(instants(values, type)), 'epoch_us(x), typeof(x)');
      assert.deepEqual(
        rows,
        expected.map((micros) => [micros, zoned ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP']),
      );
    });
  }

  it('refuses instants beyond int64 microseconds', async () => {
    await assert.rejects(() => convert(ipcOf(instants([2n ** 62n], new arrow.TimestampSecond()))), {
      code: 'INVALID_LABELS',
      message: /^label column x: found the instant 4611686018427387904 of Timestamp<SECOND>, expected one/,
    });
  });

  it('reads times within lists and structs', async () => {
    const list = column(
      [[1000, -1000], null, []],
      new arrow.List(new arrow.Field('item', new arrow.TimestampSecond())),
    );
    assert.deepEqual(await convertAndRead(ipcOf(list), 'list_transform(x, lambda i: epoch_us(i))'), [
      [['1000000', '-1000000']],
      [null],
      [[]],
    ]);
    const struct = column([{ t: 1000 }, null], new arrow.Struct([new arrow.Field('t', new arrow.TimestampSecond())]));
    assert.deepEqual(await convertAndRead(ipcOf(struct), 'epoch_us(x.t)'), [['1000000'], [null]]);
  });

  it('reads views and columns without a type', async () => {
    const long = 'longer than twelve bytes';
    assert.deepEqual(await convertAndRead(ipcOf(column(['short', long, null, ''], new arrow.Utf8View()))), [
      ['short'],
      [long],
      [null],
      [''],
    ]);
    assert.deepEqual(await convertAndRead(ipcOf(column([null, null], new arrow.Null()))), [[null], [null]]);
  });

  it('keeps order and values over many batches and within one long batch', async () => {
    const numbers = Array.from({ length: 150_001 }, (_, index) => (index % 7 === 0 ? null : index));
    const long = new arrow.Table({
      n: arrow.vectorFromArray(numbers, new arrow.Int32()),
      s: arrow.vectorFromArray(
        numbers.map((n) => n?.toString() ?? null),
        new arrow.Utf8(),
      ),
    });
    const many = new arrow.Table(
      Array.from({ length: 40 }, (_, index) => long.slice(index * 100, (index + 1) * 100).batches).flat(),
    );
    for (const table of [long, many]) {
      const [part] = await convert(ipcOf(table));
      assert.equal(part?.rows, table.numRows);
      const wrong = `n IS DISTINCT FROM s::INT OR (n IS NULL) <> (file_row_number % 7 = 0) OR n <> file_row_number`;
      assert.deepEqual(
        await query(`SELECT count(*) FROM read_parquet('${part?.localPath}', file_row_number = true) WHERE ${wrong}`),
        [['0']],
      );
    }
  });

  it('refuses what is no Arrow, or not all of it', async () => {
    const contents = [
      Buffer.alloc(0),
      Buffer.from('a,b\n1,2\n'),
      Buffer.from('PAR1'),
      Buffer.from('ARROW1\0\0'),
      Buffer.alloc(100),
      Buffer.alloc(100, 0xff),
    ];
    for (const content of contents)
      await assert.rejects(() => convert(content), {
        code: 'INVALID_LABELS',
        message: /labels\.arrow.*found no sound Arrow/,
      });
    for (const format of FORMATS) {
      const whole = ipcOf(simple, format);
      // A stream may end after a message, so its last 8 bytes (the end mark) may be missing.
      for (let length = 1; length < whole.byteLength - 8; length += 7) {
        await assert.rejects(
          () => convert(whole.subarray(0, length)),
          { code: 'INVALID_LABELS' },
          `${format} of ${length} bytes`,
        );
      }
    }
  });

  it('survives damaged bytes: an error or other values, never a crash, and goes on', async () => {
    for (const whole of [ipcOf(simple, 'stream'), ipcOf(simple, 'file'), Buffer.from(LZ4, 'base64')]) {
      for (let at = 0; at < whole.byteLength; at += 17) {
        const damaged = Uint8Array.from(whole);
        damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
        await convert(damaged).catch((error) => assert.equal(error.code, 'INVALID_LABELS', `byte ${at}`));
      }
    }
    assert.equal((await convert(ipcOf(simple)))[0]?.rows, 4);
  });

  it('regression: a message that is neither a dictionary nor a batch is refused; one changed bit made the reader go on for ever', async () => {
    const damaged = Uint8Array.from(ipcOf(simple, 'file'));
    damaged[238] = (damaged[238] as number) ^ 64;
    await assert.rejects(() => convert(damaged), { code: 'INVALID_LABELS', message: /a message is of type 0/ });
  });

  it('refuses two columns of one name, and none', async () => {
    const field = new arrow.Field('x', new arrow.Int32(), true);
    const twice = new arrow.RecordBatch(
      new arrow.Schema([field, field]),
      arrow.makeData({ type: new arrow.Struct([field, field]), length: 0, children: [] }),
    );
    await assert.rejects(() => convert(ipcOf(new arrow.Table([twice]))), {
      code: 'INVALID_LABELS',
      message: /two columns named "x"/,
    });
    await assert.rejects(() => convert(ipcOf(new arrow.Table(new arrow.Schema([])))), {
      code: 'INVALID_LABELS',
      message: /no columns/,
    });
    await assert.rejects(() => arrowToParquet(join(folder, 'missing.arrow'), folder), {
      code: 'INVALID_LABELS',
      message: /there is no labels file missing\.arrow/,
    });
    assert.deepEqual(
      (await readdir(folder)).filter((name) => !name.startsWith('out-')),
      [],
    );
  });
});
