// Damaged and foreign files in the place of Parquet: named with what they hold, never in the words of the engine.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { fileList } from '../../sql/duckdb/names.ts';
import { DuckdbSession } from './session.ts';

const LIMITS = { memoryBytes: null, threads: 1 };
let folder = '';
let sound = Buffer.alloc(0);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumb-damaged-'));
  await using session = await DuckdbSession.open({ ...LIMITS, files: [], folders: [folder] });
  const path = join(folder, 'sound.parquet');
  await session.run(
    `COPY (SELECT range AS k, 'text ' || range AS words FROM range(5000)) TO '${path}' (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  sound = await readFile(path);
});
after(() => rm(folder, { recursive: true }));

async function failureOf(content: Buffer, select = 'max(hash(COLUMNS(*)))'): Promise<PlumbError> {
  const path = join(folder, 'odd.parquet');
  await writeFile(path, content);
  await using session = await DuckdbSession.open({ ...LIMITS, files: [path], foreign: [path], folders: [] });
  return await session.run(`SELECT ${select} FROM read_parquet(${fileList([path])})`).then(
    () => assert.fail('it was read'),
    (error: unknown) => error as PlumbError,
  );
}

const overwritten = (at: number, bytes: string): Buffer => {
  const copy = Buffer.from(sound);
  copy.write(bytes, at, 'latin1');
  return copy;
};

for (const [name, content, message] of [
  ['no byte', () => Buffer.alloc(0), /^odd\.parquet: found an empty file, expected Parquet$/],
  ['CSV', () => Buffer.from('k,words\n1,a\n'), /^odd\.parquet: found other content, expected Parquet$/],
  ['a part of it', () => sound.subarray(0, 3000), /^odd\.parquet: found a beginning of Parquet without its end/],
  [
    'a damaged footer',
    () => overwritten(sound.length - 200, '\xff'.repeat(150)),
    /^odd\.parquet: found a damaged footer/,
  ],
  ['damaged pages', () => overwritten(4, '\xff'.repeat(40)), /^odd\.parquet: column k: found damaged data/],
  [
    'text that is not UTF-8',
    () => overwritten(sound.indexOf('text 77'), 'text \xff'),
    /^odd\.parquet: column words: found text that is not UTF-8/,
  ],
] as const) {
  test(`regression: ${name}`, async () => {
    const error = await failureOf(content());
    assert.ok(error instanceof PlumbError);
    assert.deepEqual([error.code, error.retryable], ['SOURCE_MISMATCH', false]);
    assert.match(error.message, message);
  });
}

test('a sound file is not blamed for another mistake', async () => {
  assert.equal((await failureOf(sound, "CAST('x' AS BIGINT)")).code, 'ENGINE_FAILED');
});

test('regression: a file of our own is not blamed as one of others', async () => {
  const path = join(folder, 'own.parquet');
  await writeFile(path, overwritten(4, '\xff'.repeat(40)));
  await using session = await DuckdbSession.open({ ...LIMITS, files: [path], folders: [] });
  await assert.rejects(session.run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet(${fileList([path])})`), {
    code: 'ENGINE_FAILED',
  });
});

test('regression: a column that the statement does not name is not blamed', async () => {
  const error = await failureOf(overwritten(4, '\xff'.repeat(40)), `CAST(max("words") AS BIGINT)`);
  assert.equal(error.code, 'ENGINE_FAILED');
});

test('regression: work that is cancelled while it fails is cancelled, and blames nobody', async () => {
  const path = join(folder, 'sound.parquet');
  const stopped = new AbortController();
  const options = { ...LIMITS, files: [path], foreign: [path], folders: [], signal: stopped.signal };
  await using session = await DuckdbSession.open(options);
  const failing = session.run(`SELECT CAST("words" AS BIGINT) FROM read_parquet(${fileList([path])})`);
  stopped.abort();
  await assert.rejects(failing, { code: 'CANCELLED' });
});
