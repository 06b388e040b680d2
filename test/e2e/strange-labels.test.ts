// Labels as strangers' programs write them: read as they are, or refused by file, row and column.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { makeData, makeVector, Table, TimestampMicrosecond, TimestampNanosecond, tableToIPC } from 'apache-arrow';
import { writeParquetFile } from './parquet-file.ts';
import { tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { SHOP } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');

const CSV = 'user_id,event_timestamp,note\n1,2026-01-08T00:00:00Z,a\n2,2026-01-08T00:00:00Z,b\n';
const line = (cells: string): string => `{"user_id":1,"event_timestamp":"2026-01-08T00:00:00Z"${cells}}\n`;
const LABEL = "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-01-08' AS event_timestamp";

async function put(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(project.folder, file)), { recursive: true });
  await writeFile(join(project.folder, file), content);
}

const create = (file: string): readonly string[] => ['dataset', 'create', '--service', 'ranking', '--labels', file];

/** The rows of the training set as text of JSON Lines. */
async function rowsOf(file: string, content?: string | Buffer): Promise<readonly string[]> {
  if (content !== undefined) await put(file, content);
  const { code, err } = await project.plumb(...create(file), '--out', 'out.jsonl');
  assert.equal(code, 0, err);
  return (await project.read('out.jsonl')).trimEnd().split('\n');
}

async function refused(file: string, message: RegExp, content?: string | Buffer): Promise<void> {
  if (content !== undefined) await put(file, content);
  await assertRefused(project, create(file), 'INVALID_LABELS', message);
}

const FOLDER = 'split=train/label=9/user_id=7';

for (const format of ['csv', 'jsonl', 'parquet']) {
  test(`regression: folders called key=value mean nothing for labels in ${format}`, async () => {
    const file = `${FOLDER}/labels.${format}`;
    if (format === 'csv') await put(file, 'user_id,event_timestamp,label\n1,2026-01-08,3\n');
    if (format === 'jsonl') await put(file, line(',"label":3'));
    if (format === 'parquet') {
      await mkdir(join(project.folder, FOLDER), { recursive: true });
      await writeParquetFile(join(project.folder, file), `${LABEL}, 3 AS label`);
    }
    const [row] = await rowsOf(file);
    assert.match(String(row), /^\{"user_id":1,.*"label":3,/);
    assert.doesNotMatch(String(row), /split/);
  });
}

for (const [ending, packed] of [
  ['csv.gz', gzipSync(CSV)],
  ['csv.zst', zstdCompressSync(CSV)],
  ['jsonl.gz', gzipSync(line(',"note":"a"') + line(',"note":"b"'))],
  ['jsonl.zst', zstdCompressSync(line(',"note":"a"') + line(',"note":"b"'))],
] as const) {
  test(`labels in .${ending} are read`, async () => {
    const rows = await rowsOf(`packed.${ending}`, packed);
    assert.deepEqual(
      rows.map((row) => /"note":"(.)"/.exec(row)?.[1]),
      ['a', 'b'],
    );
  });
}

const LATIN_1 = Buffer.from('user_id,event_timestamp,note\n1,2026-01-08,a\n2,2026-01-08,caf\xe9\n', 'latin1');
const REFUSED: readonly (readonly [string, string, string | Buffer, RegExp])[] = [
  ['gzip as CSV', 'z1.csv', gzipSync(CSV), /z1\.csv: found gzip-compressed content, expected text.*\.csv\.gz/],
  ['gzip as JSON Lines', 'z2.jsonl', gzipSync(line('')), /z2\.jsonl: found gzip-compressed content, expected text/],
  ['gzip as Parquet', 'z3.parquet', gzipSync(CSV), /z3\.parquet: found gzip-compressed content, expected Parquet/],
  ['text as gzip', 'z4.csv.gz', CSV, /z4\.csv\.gz: found content that is not compressed, expected gzip/],
  ['a cut gzip', 'z5.csv.gz', gzipSync(CSV).subarray(0, 30), /z5\.csv\.gz: the gzip content is damaged or cut off/],
  ['Latin-1', 'l1.csv', LATIN_1, /l1\.csv, line 3, column 3: found the byte 0xE9, which is not UTF-8/],
  [
    'Latin-1 in JSON',
    'l2.jsonl',
    Buffer.from(line(',"a":"\xe9"'), 'latin1'),
    /l2\.jsonl, line 1: found the byte 0xE9 at byte \d+/,
  ],
  ['UTF-16', 'u1.csv', Buffer.from(`\uFEFF${CSV}`, 'utf16le'), /u1\.csv, line 1: found UTF-16 text, expected UTF-8/],
  ['UTF-16 without a mark', 'u2.jsonl', Buffer.from(line(''), 'utf16le'), /u2\.jsonl, line 1: found UTF-16/],
  ['a field too many', 'f1.csv', `${CSV}1,2026-01-08,c,d\n`, /f1\.csv, line 4: found 4 fields, expected 3/],
  ['an open quote', 'q1.csv', `${CSV}1,2026-01-08,"c\n`, /q1\.csv, line 4, column 3: found a quote that is not closed/],
  ['a quote inside', 'q2.csv', `${CSV}1,2026-01-08,5" pipe\n`, /q2\.csv, line 4, column 3: found a quote inside/],
  ['a column without a name', 'n1.csv', ',user_id,event_timestamp\n0,1,2026-01-08\n', /column 1 has no name: found ""/],
  ['a JSON name ""', 'n2.jsonl', line(',"":3'), /has no name: found ""/],
  ['names by case in CSV', 'n3.csv', 'user_id,USER_ID,event_timestamp\n1,2,2026-01-08\n', /user_id and USER_ID/],
  ['names by case in JSON', 'n4.jsonl', line(',"USER_ID":2'), /(user_id and USER_ID|USER_ID and user_id)/],
  ['names by case in two rows', 'n5.jsonl', line(',"x":2') + line(',"X":2'), /(x and X|X and x) differ in letter case/],
  ['a JSON name twice', 'n6.jsonl', line('') + line(',"x":2,"x":3'), /row 2: found the name x twice/],
  ['a list for an object', 'o1.jsonl', `${line('')}[1]\n`, /row 2: found a JSON array, expected an object/],
  ['no JSON', 'o2.jsonl', `${line('')}{"user_id":1\n`, /o2\.jsonl, line 2: found '\{"user_id":1', which is no JSON/],
  [
    'a fraction beyond float64 as an int64 key',
    'k1.jsonl',
    line('') + line('').replace(':1,', ':1.0000000000000000001,'),
    /user_id, row 2: found '1\.0000000000000000001', expected an integer/,
  ],
  [
    'that in CSV',
    'k2.csv',
    'user_id,event_timestamp\n1.0000000000000000001,2026-01-08\n',
    /user_id, row 1: found '1\.0/,
  ],
];
for (const [name, file, content, message] of REFUSED)
  test(`refused: labels with ${name}`, () => refused(file, message, content));

const REFUSED_PARQUET: readonly (readonly [string, string, RegExp])[] = [
  ['a label at infinity', "SELECT 1 AS user_id, TIMESTAMP 'infinity' AS event_timestamp", /row 1: found 'infinity'/],
  ['a date at infinity', "SELECT 1 AS user_id, DATE '-infinity' AS event_timestamp", /row 1: found '-infinity'/],
];
for (const [name, select, message] of REFUSED_PARQUET)
  test(`refused: Parquet labels with ${name}`, async () => {
    await writeParquetFile(join(project.folder, 'strange.parquet'), select);
    await refused('strange.parquet', message);
  });

test('CSV labels with mixed line ends are read, and line ends inside quotes are kept', async () => {
  const mixed =
    'user_id,event_timestamp,note\r\n1,2026-01-08,a\n2,2026-01-08,"b\r\nc"\r\n1,2026-01-08,d\r2,2026-01-08,e';
  const rows = await rowsOf('mixed.csv', mixed);
  assert.deepEqual(
    rows.map((row) => (JSON.parse(row) as { readonly note: string }).note),
    ['a', 'b\r\nc', 'd', 'e'],
  );
});

test('regression: a byte order mark before a quoted header is no part of it', async () => {
  const [row] = await rowsOf('bom.csv', '\uFEFF"user_id",event_timestamp\n1,2026-01-08\n');
  assert.match(String(row), /^\{"user_id":1,/);
});

test('regression: integers beyond int64 in JSON Lines keep all digits', async () => {
  const digits = '1234567890123456789012345678901234567890';
  const rows = await rowsOf(
    'wide.jsonl',
    line(
      `,"inf":1e400,"u":18446744073709551615,"h":170141183460469231731687303715884105,"n":-9223372036854775809,"t":${digits},"m":9007199254740993,"l":[18446744073709551617]`,
    ) + line(',"u":1,"h":2,"n":3,"t":4,"m":1.5,"l":[1]'),
  );
  assert.match(
    String(rows[0]),
    new RegExp(
      `"inf":"1e400","u":18446744073709551615,"h":170141183460469231731687303715884105(\\.0)?,"n":-9223372036854775809(\\.0)?,"t":"${digits}","m":"9007199254740993","l":"\\[18446744073709551617\\]"`,
    ),
  );
  assert.match(String(rows[1]), /"m":"1\.5"/);
});

test('regression: unsigned integers in Parquet labels keep all digits', async () => {
  await writeParquetFile(
    join(project.folder, 'unsigned.parquet'),
    `${LABEL}, 18446744073709551615::UBIGINT AS u, 12345678901234567890123456789012345678::DECIMAL(38,0) AS d`,
  );
  const [row] = await rowsOf('unsigned.parquet');
  assert.match(String(row), /"u":18446744073709551615,"d":12345678901234567890123456789012345678/);
});

test('regression: __proto__ is a label column like any other', async () => {
  const [row] = await rowsOf('proto.jsonl', line(',"__proto__":3'));
  assert.match(String(row), /"__proto__":3,/);
});

test('regression: a nested field is no label column', async () => {
  await writeParquetFile(
    join(project.folder, 'nested.parquet'),
    "SELECT {'user_id': 1} AS s, TIMESTAMP '2026-01-08' AS event_timestamp",
  );
  await refused('nested.parquet', /no column user_id.*they have s, event_timestamp/);
});

test('regression: instants of text labels are timestamps in the training set, and show says what the file says', async () => {
  for (const [file, content] of [
    ['typed.csv', CSV],
    ['typed.jsonl', line('')],
  ] as const) {
    await put(file, content);
    const { document } = await project.json(...create(file));
    const columns = document.columns as readonly { readonly name: string; readonly physical: string }[];
    const physical = columns.find(({ name }) => name === 'event_timestamp')?.physical;
    assert.equal(physical, 'TIMESTAMP WITH TIME ZONE');
  }
});

/** What DuckDB itself would not write: bytes of the file's footer are replaced by others of the same length. */
async function patchedParquet(file: string, select: string, [from, to]: readonly [string, string]): Promise<void> {
  const path = join(project.folder, file);
  await writeParquetFile(path, select);
  const hex = (await readFile(path)).toString('hex');
  assert.ok(hex.includes(from));
  await writeFile(path, Buffer.from(hex.replaceAll(from, to), 'hex'));
}

test('refused: Parquet labels with decimals of more than 38 digits, alone and in a list', async () => {
  for (const value of ['1.1::DECIMAL(38,1)', '[1.1::DECIMAL(38,1)]']) {
    await patchedParquet('decimal.parquet', `${LABEL}, ${value} AS amount`, ['1502154c', '1502154e']);
    await refused(
      'decimal.parquet',
      /decimal\.parquet, label column amount: found a decimal of 39 digits, expected at most 38/,
    );
  }
});

test('refused: Parquet labels with two columns that differ in letter case alone, or are called the same', async () => {
  const select = `${LABEL}, 1 AS abcd, 2 AS efgh`;
  await patchedParquet('case.parquet', select, ['65666768', '41424344']);
  await refused('case.parquet', /label columns abcd and ABCD differ in letter case alone/);
  await patchedParquet('twice.parquet', select, ['65666768', '61626364']);
  await refused('twice.parquet', /label column abcd is there twice/);
});

const LEAST = -(2n ** 63n);
for (const [unit, type] of [
  ['microseconds', new TimestampMicrosecond('UTC')],
  ['nanoseconds', new TimestampNanosecond('UTC')],
] as const)
  for (const [name, value] of [
    ['least', LEAST],
    ['greatest', -(LEAST + 1n)],
  ] as const)
    test(`refused: Arrow labels with the ${name} int64 as an instant in ${unit}`, async () => {
      const event_timestamp = makeVector(makeData({ type, data: new BigInt64Array([0n, value]) }));
      const user_id = makeVector(new BigInt64Array([1n, 2n]));
      const bytes = tableToIPC(new Table({ user_id, event_timestamp }), 'stream');
      await refused('extreme.arrow', /event_timestamp, row 2: found .*expected an instant/, Buffer.from(bytes));
    });
