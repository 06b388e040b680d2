// Sources that vanish or change under a registered project: the command says so, and what was served stays.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from '../../e2e/parquet-file.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { assertRefused } from '../../e2e/refused.ts';
import { CLICKS, DEFINITIONS, SHOP, UNTIL } from '../../e2e/shop.ts';

const LATER = '2026-01-09T00:00:00Z';
const DATASET = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv'];

async function materialized(files: Readonly<Record<string, string>> = SHOP): Promise<TempProject> {
  const project = await tempProject(files);
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, err } = await project.plumb(...argv);
    assert.equal(code, 0, err);
  }
  return project;
}

/** The view `spending` fails with `message`, `profile` goes on, and lookups at the former time answer as before. */
async function assertOnlySpendingFails(project: TempProject, message: RegExp, served = [2, 3.5]): Promise<void> {
  const { code, document } = await project.json('materialize', '--until', LATER);
  assert.equal(code, 1);
  const runs = document.runs as readonly { view: string; outcome: string; notice: string }[];
  assert.deepEqual(
    runs.map(({ view, outcome }) => [view, outcome]),
    [
      ['profile', 'succeeded'],
      ['spending', 'failed'],
    ],
  );
  assert.match(runs[1]?.notice ?? '', message);
  const got = await project.json('get', '--service', 'ranking', '--entity', '{"user_id":1}', '--at', LATER);
  assert.equal(got.code, 0);
  assert.deepEqual((got.document.rows as unknown[][])[0]?.slice(2), served);
}

test('a source file that was never there', async () => {
  const project = await tempProject(SHOP);
  await project.remove('data/clicks.jsonl');
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /data\/clicks\.jsonl/);
});

test('a source file that vanished', async () => {
  const project = await materialized();
  await project.remove('data/clicks.jsonl');
  await assertOnlySpendingFails(project, /clicks/);
  const before = await project.stored();
  await assertRefused(project, [...DATASET, '--out', 'out.jsonl'], 'SOURCE_MISMATCH', /clicks/);
  assert.deepEqual(
    (await project.stored()).filter((file) => file.startsWith('datasets/')),
    before.filter((file) => file.startsWith('datasets/')),
  );
  await assert.rejects(project.read('out.jsonl'));
  const doctor = await project.plumb('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /FAIL +sources: .*clicks/);
  await project.write('data/clicks.jsonl', CLICKS);
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
});

test('a JSONL column that became text', async () => {
  const project = await materialized();
  await project.write('data/clicks.jsonl', '{"user_id":"one","ts":"2026-01-08T10:00:00Z","price":1.5}\n');
  await assertOnlySpendingFails(project, /user_id|clicks/);
  await assertRefused(project, DATASET, 'SOURCE_MISMATCH', /clicks/);
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /user_id/);
});

test('a JSONL line that is no JSON', async () => {
  const project = await materialized();
  await project.write('data/clicks.jsonl', `${CLICKS}{"user_id":1,\n`);
  await assertOnlySpendingFails(project, /clicks/);
});

test('an empty source that exists is valid', async () => {
  const project = await materialized({ ...SHOP, 'data/clicks.jsonl': '' });
  const { code, document } = await project.json(
    'get',
    '--service',
    'ranking',
    '--entity',
    '{"user_id":1}',
    '--at',
    UNTIL,
  );
  assert.equal(code, 0);
  assert.deepEqual((document.rows as unknown[][])[0]?.slice(2), [0, null]);
  const made = await project.json(...DATASET);
  assert.deepEqual([made.code, made.document.rows], [0, 2]);
});

const PARQUET_DEFINITIONS = DEFINITIONS.replace(
  /path: data\/clicks\.jsonl\n {4}format: jsonl/,
  'path: data/clicks/*.parquet\n    format: parquet',
).replace('    columns: { user_id: int64, ts: timestamp, price: float64 }\n', '');

/** One click within the window of each run. */
const parquetRows = (user: string, price: string): string =>
  `SELECT ${user} AS user_id, ts, ${price} AS price
   FROM (VALUES (TIMESTAMP '2026-01-07 10:00:00'), (TIMESTAMP '2026-01-08 10:00:00')) AS clicks(ts)`;

test('a Parquet column that changed its type', async () => {
  const project = await tempProject({ ...SHOP, 'features/shop.yaml': PARQUET_DEFINITIONS, 'data/clicks/README': '' });
  const file = join(project.folder, 'data/clicks/a.parquet');
  await writeParquetFile(file, parquetRows('1::BIGINT', '1.5::DOUBLE'));
  assert.equal((await project.plumb('apply')).code, 0);
  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  await writeParquetFile(file, parquetRows('1::BIGINT', "'cheap'"));
  await assertOnlySpendingFails(project, /price/, [1, 1.5]);
  await assertRefused(project, DATASET, 'SOURCE_MISMATCH', /price/);
  await writeParquetFile(file, parquetRows('1::BIGINT', "'7'"));
  await assertRefused(project, DATASET, 'SOURCE_MISMATCH', /price/);
  await writeParquetFile(file, parquetRows("'one'", '1.5::DOUBLE'));
  await assertRefused(project, DATASET, 'SOURCE_MISMATCH', /user_id/);
});

test('a Parquet file that is none', async () => {
  const project = await tempProject({ ...SHOP, 'features/shop.yaml': PARQUET_DEFINITIONS });
  await project.write('data/clicks/a.parquet', 'PAR2 is no magic number');
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /a\.parquet|clicks/);
});

/** The notice of the view `spending`, after a run over all rows of a source that changed to `clicks`. */
async function noticeOf(clicks: string, until = LATER): Promise<string> {
  const project = await materialized();
  await project.write('data/clicks.jsonl', clicks);
  const { code, document } = await project.json('materialize', '--full', '--until', until);
  assert.equal(code, 0);
  const runs = document.runs as readonly { view: string; outcome: string; notice: string | null }[];
  return runs.find(({ view }) => view === 'spending')?.notice ?? '';
}

test('a file of no bytes with --full empties a view and says so', async () => {
  assert.match(await noticeOf(''), /data\/clicks\.jsonl holds no row; spending is empty now/);
});

test('rows that all lie after --until give an empty view, and the notice has the time range found', async () => {
  assert.match(
    await noticeOf(
      '{"user_id":1,"ts":"2027-01-01T00:00Z","price":1}\n{"user_id":1,"ts":"2027-01-02T00:00:00Z","price":1}\n',
    ),
    /none of the 2 rows of source clicks counts at .*: their ts reaches from 2027-01-01T00:00:00Z to 2027-01-02T00:00:00Z; spending is empty now/,
  );
});
