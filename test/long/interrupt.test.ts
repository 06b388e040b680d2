// Ctrl-C in the middle of long work: it ends with 130, nothing half-done can be seen, and the same command run again succeeds.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from '../e2e/parquet-file.ts';
import { interruptAt, type TempProject, tempProject } from '../e2e/project.ts';

const KEYS = 400_000;
const UNTIL = '2026-01-08T00:00:00Z';
const DEFINITIONS = `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources: [{ name: profiles, kind: batch, path: data/profiles.parquet, format: parquet, timestampColumn: ts }]
featureViews:
  - { name: profile, kind: row, entities: [user], source: profiles, features: [{ name: score, type: float64 }] }
featureServices: [{ name: ranking, features: ["profile:*"] }]
`;

async function largeProject(): Promise<TempProject> {
  const project = await tempProject({ 'plumb.yaml': 'project: large\n', 'features/large.yaml': DEFINITIONS });
  await mkdir(join(project.folder, 'data'));
  const select = (time: string) =>
    `SELECT range AS user_id, TIMESTAMP '${time}' AS ts, range / 2 AS score FROM range(${KEYS})`;
  await writeParquetFile(join(project.folder, 'data/profiles.parquet'), select('2026-01-01'));
  await writeParquetFile(
    join(project.folder, 'labels.parquet'),
    select('2026-01-07').replace('ts,', 'event_timestamp,'),
  );
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

test('materialize', async () => {
  const project = await largeProject();
  const command = ['materialize', '--until', UNTIL];
  const { code, err } = await interruptAt(project.folder, 'materialize.batch_written', command);
  assert.deepEqual([code, err], [130, 'stopping\nerror: interrupted\n']);
  const get = ['get', '--service', 'ranking', '--entity', '{"user_id":7}', '--at', UNTIL];
  assert.equal((await project.json(...get)).document.error?.code, 'NOT_MATERIALIZED');
  assert.equal((await project.plumb(...command)).code, 0);
  assert.deepEqual((await project.json(...get)).document.rows, [[3.5]]);
});

test('dataset create', async () => {
  const project = await largeProject();
  const command = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.parquet', '--out', 'out.jsonl'];
  const { code, err } = await interruptAt(project.folder, 'dataset.computed', command);
  assert.deepEqual([code, err], [130, 'stopping\nerror: interrupted\n']);
  assert.deepEqual((await project.json('dataset', 'list')).document.datasets, []);
  await assert.rejects(project.read('out.jsonl'));
  const again = await project.json(...command);
  assert.deepEqual([again.code, again.document.rows], [0, KEYS]);
});
