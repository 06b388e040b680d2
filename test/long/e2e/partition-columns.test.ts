// Columns that a source declares to be in the names of folders, in each format.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from '../../e2e/parquet-file.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { assertRefused } from '../../e2e/refused.ts';

const PARTITIONS = '{ dt: { type: date, bounds: event_time }, shop: string, n: int64 }';

const definitions = (format: string, partitions: string, columns = '{ ts: timestamp, price: float64 }'): string => `
entities:
  - { name: place, joinKeys: [{ name: shop, type: string }] }
sources:
  - name: sales
    kind: batch
    path: "data/**/*.${format}"
    format: ${format}
    timestampColumn: ts
    columns: ${columns}
    partitionColumns: ${partitions}
featureViews:
  - name: sale
    kind: row
    entities: [place]
    source: sales
    where: n < 9
    features:
      - { name: dt, type: timestamp }
      - { name: total, type: float64, expression: price * n }
featureServices:
  - { name: all, features: ["sale:*"] }
`;

const ROWS = [
  ['data/dt=2026-01-01/shop=a%2Fb/n=02', '2026-01-01T10:00:00Z', 1.5],
  ['data/dt=2026-01-02/shop=a%2Fb/n=3', '2026-01-02T10:00:00Z', 2],
  ['data/dt=2026-01-02/shop=a%2Fb/n=9', '2026-01-02T11:00:00Z', 100],
] as const;

async function writeRow(project: TempProject, format: string, [folder, ts, price]: readonly [string, string, number]) {
  const file = `${folder}/a.${format}`;
  if (format === 'csv') return await project.write(file, `ts,price\n${ts},${price}\n`);
  if (format === 'jsonl') return await project.write(file, `{"ts":"${ts}","price":${price}}\n`);
  await mkdir(dirname(join(project.folder, file)), { recursive: true });
  await writeParquetFile(
    join(project.folder, file),
    `SELECT TIMESTAMP '${ts.slice(0, -1)}' AS ts, ${price}::DOUBLE AS price`,
  );
}

const LABELS = 'shop,event_timestamp\na/b,2026-01-01T12:00:00Z\na/b,2026-01-02T12:00:00Z\n';

async function projectOf(format: string, partitions = PARTITIONS, columns?: string): Promise<TempProject> {
  const project = await tempProject({
    'plumb.yaml': 'project: sales\nonline: { kind: lmdb }\n',
    'features/sales.yaml': definitions(format, partitions, columns),
    'labels.csv': LABELS,
  });
  for (const row of ROWS) await writeRow(project, format, row);
  return project;
}

const DATASET = ['dataset', 'create', '--service', 'all', '--labels', 'labels.csv', '--out', 'out.jsonl'];

for (const format of ['parquet', 'csv', 'jsonl']) {
  test(`folders of ${format} files are columns: in keys, where and features, online as in training`, async () => {
    const project = await projectOf(format);
    for (const argv of [['apply'], ['materialize', '--until', '2026-01-03T00:00:00Z'], DATASET]) {
      const { code, err } = await project.plumb(...argv);
      assert.equal(code, 0, err);
    }
    const rows = (await project.read('out.jsonl'))
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Record<string, unknown>);
    assert.deepEqual(
      rows.map((row) => [String(row.sale__dt).slice(0, 19), row.sale__total]),
      [
        ['2026-01-01T00:00:00', 3],
        ['2026-01-02T00:00:00', 6],
      ],
    );
    const { document } = await project.json('get', '--service', 'all', '--entity', '{"shop":"a/b"}');
    assert.equal((document.rows as unknown[][])[0]?.at(-1), 6);
  });

  test(`a folder that bounds the event time and cannot hold what labels ask for is not read: ${format}`, async () => {
    const project = await projectOf(format);
    const later = ['data/dt=2026-02-01/shop=a%2Fb/n=1', '2026-02-01T00:00:00Z', 7] as const;
    await writeRow(project, format, later);
    assert.equal((await project.plumb('apply')).code, 0);
    const { code, out, err } = await project.plumb(...DATASET.slice(0, 6), '--explain');
    assert.equal(code, 0, err);
    assert.match(out, /dt=2026-01-02/);
    assert.doesNotMatch(out, /dt=2026-02-01/);
  });

  test(`a row outside the day that its folder bounds is refused: ${format}`, async () => {
    const project = await projectOf(format);
    await writeRow(project, format, ['data/dt=2026-01-01/shop=c/n=1', '2026-01-02T00:00:00Z', 7]);
    assert.equal((await project.plumb('apply')).code, 0);
    await assertRefused(project, DATASET, 'SOURCE_MISMATCH', /event time lies outside the day of its folder dt=/);
  });

  test(`a column in files and folders is a mistake of the definition: ${format}`, async () => {
    const project = await projectOf(format, '{ price: string }');
    await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /partitionColumns|price/);
    const hidden = await projectOf(format, '{ dt: date, shop: string, n: int64, price: int64 }', '{ ts: timestamp }');
    await assertRefused(hidden, ['apply'], 'INVALID_DEFINITION', /a column of the files/);
  });
}

test('a file in no such folder, or one whose name is no date, is refused by apply', async () => {
  const project = await projectOf('csv');
  await writeRow(project, 'csv', ['data/shop=a/n=1', '2026-01-01T00:00:00Z', 1]);
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /data\/shop=a\/n=1\/a\.csv has no folder called dt=/);
  await project.remove('data/shop=a');
  await writeRow(project, 'csv', ['data/dt=yesterday/shop=a/n=1', '2026-01-01T00:00:00Z', 1]);
  await assertRefused(project, ['apply'], 'INVALID_DEFINITION', /folder dt=yesterday, expected date/);
});

test('files whose column of time is an instant here and a number there are refused by apply with both types', async () => {
  const project = await projectOf('parquet', '{}', undefined);
  const text = definitions('parquet', '{}')
    .replace(/ {4}columns: .*\n/, '')
    .replace(/ {4}where: .*\n/, '');
  await project.write('features/sales.yaml', text);
  await writeParquetFile(join(project.folder, ROWS[0][0], 'b.parquet'), 'SELECT 1.5::DOUBLE AS ts, 2::DOUBLE AS price');
  await assertRefused(
    project,
    ['apply'],
    'INVALID_DEFINITION',
    /column ts with TIMESTAMP in .*a\.parquet and DOUBLE in .*b\.parquet/,
  );
});

test('the event time itself may be in the names of folders, and runs leave out the days behind them', async () => {
  const project = await projectOf('csv', '{ dt: date, shop: string, n: int64 }', '{ price: float64, ts: string }');
  await project.write(
    'features/sales.yaml',
    (await project.read('features/sales.yaml')).replace('timestampColumn: ts', 'timestampColumn: dt'),
  );
  for (const argv of [['apply'], ['materialize', '--until', '2026-01-03T00:00:00Z'], DATASET]) {
    const { code, err } = await project.plumb(...argv);
    assert.equal(code, 0, err);
  }
  assert.match(await project.read('out.jsonl'), /"sale__total":3.*\n.*"sale__total":6/);
});
