// Label columns pass through as they came: text that only looks like a number keeps its digits, and keys are exact.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from './parquet-file.ts';
import { tempProject } from './project.ts';
import { SHOP } from './shop.ts';

const project = await tempProject(SHOP);
await project.plumb('apply');

async function created(file: string, content: string): Promise<readonly unknown[]> {
  await project.write(file, content);
  const made = await project.plumb('dataset', 'create', '--service', 'ranking', '--labels', file, '--out', 'out.jsonl');
  assert.equal(made.code, 0, made.err);
  return (await project.read('out.jsonl'))
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/,"spending.*/, '}'));
}

test('regression: a CSV key of 19 digits is not rounded to its neighbour', async () => {
  const near = (id: string, country: string): string =>
    `{"user_id":${id},"ts":"2026-01-01T00:00:00Z","country":"${country}","points":1}\n`;
  await project.write('data/profiles.jsonl', near('1234567890123456789', 'US') + near('1234567890123456768', 'DE'));
  const labels = 'user_id,event_timestamp\n1234567890123456789,2026-01-08T00:00:00Z\n';
  const [row] = await created('long.csv', labels);
  assert.match(String(row), /"user_id":1234567890123456789,.*"profile__country":"US"/);
});

test('regression: CSV text that a number would not give back stays text', async () => {
  const labels = 'user_id,event_timestamp,version,tweet,share\n1,2026-01-08,1.10,98765432109876543210,0.5\n';
  const [row] = await created('text.csv', labels);
  assert.match(String(row), /"version":"1\.10","tweet":"98765432109876543210","share":0\.5,/);
});

test('regression: lists of dates in JSON Lines stay lists of text', async () => {
  const [row] = await created('list.jsonl', '{"user_id":1,"event_timestamp":"2026-01-08","days":["2026-01-01"]}\n');
  assert.match(String(row), /"days":\["2026-01-01"\],/);
});

test('regression: a labels file with brackets in its name is itself, whatever lies beside it', async () => {
  await project.write('a1.csv', 'user_id,event_timestamp,from\n1,2026-01-08,beside\n');
  const [row] = await created('a[1].csv', 'user_id,event_timestamp,from\n1,2026-01-08,itself\n');
  assert.match(String(row), /"from":"itself"/);
});

test('regression: JSON Lines hold null where a label column has NaN or an infinity', async () => {
  const select =
    "SELECT 1 AS user_id, TIMESTAMP '2026-01-08' AS event_timestamp, 'NaN'::DOUBLE AS a, '-inf'::FLOAT AS b, [0.5, 'NaN'::DOUBLE] AS c";
  await writeParquetFile(join(project.folder, 'special.parquet'), select);
  const made = await project.plumb(
    'dataset',
    'create',
    '--service',
    'ranking',
    '--labels',
    'special.parquet',
    '--out',
    'out.jsonl',
  );
  assert.equal(made.code, 0, made.err);
  const { a, b, c } = JSON.parse(await project.read('out.jsonl')) as Record<string, unknown>;
  assert.deepEqual([a, b, c], [null, null, [0.5, null]]);
});
