// CSV and JSON Lines as strangers write them: the right values, or a refusal that says file, line, column and what to do.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { DataType } from '../../../../schemas/types.ts';
import type { CsvDialect, Source } from '../../../catalog/catalog.ts';
import { scanSql } from '../../../sql/duckdb/scan.ts';
import { checkedFiles } from '../scanned-files.ts';
import { DuckdbSession } from '../session.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-text-'));
});
after(() => rm(folder, { recursive: true }));

type Columns = Readonly<Record<string, DataType>>;
interface Case {
  readonly file: string;
  readonly content: string | Buffer;
  readonly columns: Columns;
  readonly csv?: CsvDialect;
}

/** Rows of the declared columns, in their order; int64 and instants as text. */
async function read({ file, content, columns, csv }: Case): Promise<unknown[][]> {
  const localPath = join(folder, file);
  await writeFile(localPath, content);
  const source: Source = {
    name: 'rows',
    kind: 'batch',
    path: file,
    format: file.includes('.csv') ? 'csv' : 'jsonl',
    timestampColumn: 'ts',
    timestampUnit: 's',
    createdTimestampColumn: null,
    createdTimestampUnit: null,
    columns: new Map([...Object.entries(columns), ['ts', 'int64']]),
    ...(csv === undefined ? {} : { csv }),
    description: null,
    owner: null,
    tags: {},
  };
  await using session = await DuckdbSession.open({ memoryBytes: null, threads: 1, files: [localPath], folders: [] });
  const files = await checkedFiles(session, source, [{ path: `data/${file}`, localPath }]);
  const scan = scanSql(source, files, { fromMicros: null, toMicros: null });
  const items = Object.entries(columns).map(([name, type]) =>
    ['int64', 'timestamp'].includes(type) ? `CAST(${scan.column(name)} AS VARCHAR)` : scan.column(name),
  );
  const rows = await session.rows(
    `SELECT [${items.map((item) => `to_json(${item})`).join(', ')}] AS cells, ts FROM ${scan.from}`,
  );
  return rows.map(({ cells }) => (cells as (string | null)[]).map((cell) => (cell === null ? null : JSON.parse(cell))));
}

/** One column `v`. */
const csvValue = async (type: DataType, cell: string): Promise<unknown> =>
  (await read({ file: 'v.csv', content: `v,ts\n${cell},0\n`, columns: { v: type } }))[0]?.[0];
const jsonValue = async (type: DataType, cell: string): Promise<unknown> =>
  (await read({ file: 'v.jsonl', content: `{"v":${cell},"ts":0}\n`, columns: { v: type } }))[0]?.[0];
const refused = (message: RegExp) => ({ code: 'SOURCE_MISMATCH', message });

const NAMES: Columns = { card_id: 'string', CARD_ID: 'string', __proto__x: 'string', 'a/b~"c': 'string' };

test('names that differ only by case, and names of any characters, are kept exactly', async () => {
  const csv = 'CARD_ID,,card_id,"a/b~""c",__proto__x,ts\nC,empty,c,s,p,0\n';
  const jsonl =
    '{"CARD_ID":"C","":"empty","card_id":"c","a/b~\\"c":"s","__proto__x":"p","ts":0}\n{"CARD_ID":"D","ts":1}\n';
  assert.deepEqual(await read({ file: 'n.csv', content: csv, columns: NAMES }), [['c', 'C', 'p', 's']]);
  assert.deepEqual(await read({ file: 'n.jsonl', content: jsonl, columns: NAMES }), [
    ['c', 'C', 'p', 's'],
    [null, 'D', null, null],
  ]);
});

test('a column twice in one header, a JSON name twice in one object, and lines that are no objects are refused', async () => {
  const columns: Columns = { a: 'int64' };
  await assert.rejects(
    read({ file: 'd.csv', content: 'a,a,ts\n1,2,0\n', columns }),
    refused(/d\.csv has the column a twice/),
  );
  await assert.rejects(
    read({ file: 'd.jsonl', content: '{"a":1,"ts":0,"a":2}\n', columns }),
    refused(/file d\.jsonl: found 'the name a twice', expected every name once/),
  );
  await assert.rejects(
    read({ file: 'l.jsonl', content: '[{"a":1,"ts":0}]\n', columns }),
    refused(/file l\.jsonl: found '\[.*expected one JSON object on each line/),
  );
});

test('numbers keep their digits or are refused', async () => {
  assert.equal(await jsonValue('int64', '9223372036854775807'), '9223372036854775807');
  assert.equal(await jsonValue('int64', '1.0'), '1');
  assert.equal(await jsonValue('int64', '"-7"'), '-7');
  assert.equal(await jsonValue('string', '12345678901234567890123'.slice(0, 19)), '1234567890123456789');
  assert.equal(await jsonValue('string', '1.5'), '1.5');
  assert.equal(await jsonValue('string', '"1.50"'), '1.50');
  assert.equal(await jsonValue('float64', '1.5'), 1.5);
  assert.equal(await jsonValue('float64', 'NaN'), null);
  for (const cell of [
    '1.0000000000000000001',
    '9007199254740993.0',
    '12345678901234567890.0e-1',
    '1.5',
    '1e400',
    '"1_000"',
  ])
    await assert.rejects(jsonValue('int64', cell), refused(/file v\.jsonl, column v: found/), cell);
  for (const cell of ['1.0000000000000000001', '1.50', '12345678901234567890123.5'])
    await assert.rejects(jsonValue('string', cell), refused(/column v: found/), cell);
  await assert.rejects(jsonValue('list<int64>', '[1.0000000000000000001]'), refused(/column v: found/));
  assert.equal(await csvValue('float64', '-1.5e3'), -1500);
  assert.equal(await csvValue('float64', 'inf'), null);
  assert.equal(await csvValue('int64', '+9223372036854775807'), '9223372036854775807');
  for (const type of ['int64', 'float64', 'float32'] as const)
    for (const cell of ['1_000', '0x10', '1 000'])
      await assert.rejects(
        csvValue(type, cell),
        refused(/file v\.csv, column v: found '.*', expected/),
        `${type} ${cell}`,
      );
});

test('instants: no seconds, offsets, fractions; what is no instant is refused, what is infinite is null', async () => {
  const day = '2026-01-01 ';
  for (const [cell, expected] of [
    ['2026-01-01T10:00Z', `${day}10:00:00`],
    ['2026-01-01 10:00', `${day}10:00:00`],
    ['2026-01-01T10:00+02:00', `${day}08:00:00`],
    ['2026-01-01T10:00:00 +0200', `${day}08:00:00`],
    ['2026-01-01T10:00:00-05', `${day}15:00:00`],
    ['2026-01-01T10:00:00.1234567Z', `${day}10:00:00.123456`],
    ['2026-01-01 10:00:00 UTC', `${day}10:00:00`],
    ['2026-01-01', `${day}00:00:00`],
    ['infinity', null],
    ['-infinity', null],
    ['-Inf', null],
  ] as const) {
    assert.equal(await csvValue('timestamp', cell), expected, cell);
    assert.equal(await jsonValue('timestamp', JSON.stringify(cell)), expected, cell);
  }
  for (const cell of [
    '2026-01-01T10:00:00+25:00',
    '+002026-01-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-02-30',
    'epoch',
    '1767225600',
  ])
    await assert.rejects(csvValue('timestamp', cell), refused(/column v: found '.*', expected timestamp/), cell);
});

const AB: Columns = { a: 'int64', b: 'string' };
const ROWS = 'a,b,ts\n1,x,0\n';

test('compressed files are read by their ending, and refused under another', async () => {
  for (const pack of [gzipSync, zstdCompressSync]) {
    const ending = pack === gzipSync ? 'gz' : 'zst';
    assert.deepEqual(await read({ file: `p.csv.${ending}`, content: pack(Buffer.from(ROWS)), columns: AB }), [
      ['1', 'x'],
    ]);
    const line = '{"a":1,"b":"x","ts":0}\n';
    assert.deepEqual(await read({ file: `p.jsonl.${ending}`, content: pack(Buffer.from(line)), columns: AB }), [
      ['1', 'x'],
    ]);
    const wrong = { content: pack(Buffer.from(ROWS)), columns: AB };
    await assert.rejects(
      read({ ...wrong, file: 'p.csv' }),
      refused(/^data\/p\.csv: found (gzip|zstd) data, expected text/),
    );
    await assert.rejects(read({ ...wrong, file: 'p.jsonl' }), refused(/^data\/p\.jsonl: found (gzip|zstd) data/));
    await assert.rejects(
      read({ file: `t.csv.${ending}`, content: ROWS, columns: AB }),
      refused(/found no (gzip|zstd) data, expected it by the file's ending/),
    );
    const cut = pack(Buffer.from(`${ROWS}${'1,x,0\n'.repeat(1000)}`)).subarray(0, -4);
    await assert.rejects(
      read({ file: `c.csv.${ending}`, content: cut, columns: AB }),
      refused(/data is damaged or cut off/),
    );
  }
});

test('other encodings, line ends and quotes: file, line, found, expected', async () => {
  const long = `a,b,ts\n${'1,x,0\n'.repeat(5000)}`;
  for (const [content, message] of [
    [
      Buffer.from(`${ROWS}2,caf\xe9,0\n`, 'latin1'),
      /^data\/m\.csv, line 3, field 2: found the byte 0xE9, expected UTF-8 text/,
    ],
    [Buffer.from(`${long}2,caf\xe9,0\n`, 'latin1'), /^data\/m\.csv, line 5002, field 2: found the byte 0xE9/],
    [Buffer.from('a,caf\xe9,ts\n', 'latin1'), /^data\/m\.csv, line 1: the header is not UTF-8/],
    [Buffer.from(`\uFEFF${ROWS}`, 'utf16le'), /^data\/m\.csv, line 1: found UTF-16 text, expected UTF-8/],
    [Buffer.from(ROWS, 'utf16le'), /^data\/m\.csv, line 1: found a NUL byte/],
    ['a,b,ts\r\n1,x,0\n2,y,0\r\n', /^m\.csv, line 2: found the line end LF, expected CRLF/],
    ['a,b,ts\n1,x,0\n2,"y\r\nz",0\n3,z,0\r\n4,z,0\n', /^m\.csv, line 5: found the line end CRLF, expected LF/],
    [`${ROWS}2,y\n`, /^m\.csv, line 3: found 2 fields, expected 3/],
    [`${ROWS}2,"y,0\n`, /^m\.csv, line 3: found quotes that are not closed/],
    [`${ROWS}2,"y"z,0\n`, /^m\.csv, line 3: found quotes/],
    ['\n\na,b,ts\n1,x,0\n', /m\.csv, line 1: found an empty line, expected the names of the columns/],
    ['a;b;ts\n1;x;0\n', /m\.csv has no column a; it has a;b;ts; is the delimiter ";"\? declare it/],
  ] as const)
    await assert.rejects(read({ file: 'm.csv', content, columns: AB }), refused(message), String(content).slice(0, 40));
  const line = '{"a":1,"b":"x","ts":0}\n';
  for (const [content, message] of [
    [Buffer.from(`${line}{"b":"caf\xe9"}\n`, 'latin1'), /^m\.jsonl, line 2: found bytes that are not UTF-8/],
    [Buffer.from(`\uFEFF${line}`, 'utf16le'), /^data\/m\.jsonl, line 1: found UTF-16 text/],
    [`\uFEFF${line}`, /^data\/m\.jsonl, line 1: found a byte order mark/],
    [`${line}{"a":"\\ud800"}\n`, /^m\.jsonl, line 2: found an escape such as \\ud800, one half of a pair/],
    [`${line}{"a":1,\n`, /^m\.jsonl, line 2: found "\{.*expected one JSON object on each line/],
    [`${line}${line.trim()} {}\n`, /^m\.jsonl, line 2: found/],
    ['{\n"a":1\n}\n', /^m\.jsonl, line 1: found "\{"/],
  ] as const)
    await assert.rejects(
      read({ file: 'm.jsonl', content, columns: AB }),
      refused(message),
      String(content).slice(0, 40),
    );
});

test('a declared dialect: delimiter, null values, no header', async () => {
  const csv: CsvDialect = { delimiter: ';', nullValues: ['NA', ''], header: true };
  const content = 'a;b;ts\nNA;"NA";0\n2;"x;y";0\n3;;0\n';
  const expected = [
    [null, 'NA'],
    ['2', 'x;y'],
    ['3', null],
  ];
  assert.deepEqual(await read({ file: 'q.csv', content, columns: AB, csv }), expected);
  const names = { ...csv, header: ['a', 'b', 'other', 'ts'] };
  assert.deepEqual(await read({ file: 'q.csv', content: '1;x;?;0\n', columns: AB, csv: names }), [['1', 'x']]);
  assert.deepEqual(
    await read({ file: 'q.csv', content: '1\tx\t?\t0\n', columns: AB, csv: { ...names, delimiter: '\t' } }),
    [['1', 'x']],
  );
  assert.deepEqual(
    await read({ file: 'q.csv', content: '1|x|?|0\n', columns: AB, csv: { ...names, delimiter: '|' } }),
    [['1', 'x']],
  );
  await assert.rejects(
    read({ file: 'q.csv', content: '1;x;0\n', columns: AB, csv: names }),
    refused(/line 1: found 3 fields, expected 4/),
  );
});

test('a numeric timestamp beyond int64 microseconds is refused with its unit; the ends of int64 are no time', async () => {
  const rows = (ts: string) => read({ file: 'u.csv', content: `ts\n${ts}\n`, columns: {} });
  await assert.rejects(
    rows('1767225600000000'),
    refused(/column ts: found 1767225600000000, expected an instant in s that fits in int64 microseconds/),
  );
  for (const none of ['-9223372036854775808', '9223372036854775807']) assert.equal((await rows(none)).length, 1);
});

test('lists in CSV are JSON; text that is none is refused by name', async () => {
  assert.deepEqual(await csvValue('list<int64>', '"[1,2,null]"'), [1, 2, null]);
  assert.deepEqual(await jsonValue('list<string>', '["a","1.50"]'), ['a', '1.50']);
  await assert.rejects(
    csvValue('list<int64>', '"1;2"'),
    refused(/file v\.csv, column v: found '1;2', expected list<int64>/),
  );
  await assert.rejects(csvValue('vector<float32,2>', '"[1]"'), refused(/column v: found '\[1\]', expected vector/));
});
