// plumb push: files of events into the log, and from there into features.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { until } from '../waiting.ts';
import { servedTaps, TAPS } from './live-taps.ts';
import { tempProject } from './project.ts';

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const tap = (id: string, cents: unknown, user_id: unknown = 7) => ({ id, user_id, ts: '2026-01-03T00:00:00Z', cents });

const project = await tempProject({
  'plumb.yaml': 'project: shop\nserver: { port: 0 }\n',
  'features/taps.yaml': TAPS,
  'a.jsonl': lines([tap('a', 1), tap('b', 2), tap('a', 1)]),
  'b.csv': 'id,user_id,ts,cents\nc,9007199254740993,2026-01-03T00:00:00Z,3\nd,7,2026-01-03 00:00:00,\n',
  'bad.jsonl': lines([tap('e', 1), tap('f', 'dear'), tap('g', 3)]),
  'torn.jsonl': `${lines([tap('h', 1)])}{"id": "i"\n`,
  'other.csv': 'id,user_id,ts,cent\nz,1,2026-01-03T00:00:00Z,3\n',
});
assert.equal((await project.plumb('apply')).code, 0);
const pushed = async (...args: readonly string[]) => {
  const { code, document } = await project.json('push', ...args);
  const { accepted, duplicates, rejectedCount, error } = document;
  return [code, accepted ?? error?.message, duplicates, rejectedCount];
};

test('JSON lines, CSV and Parquet; ids count once, and a large key keeps its digits', async () => {
  assert.deepEqual(await pushed('taps', 'a.jsonl'), [0, 2, 1, 0]);
  assert.deepEqual(await pushed('taps', 'b.csv', '--batch', '1'), [0, 2, 0, 0]);
  const path = join(project.folder, 'c.parquet');
  await using session = await DuckdbSession.open({
    memoryBytes: 1e9,
    threads: 1,
    files: [],
    folders: [project.folder],
  });
  await session.run(
    `COPY (SELECT 'p' AS id, 7::BIGINT AS user_id, TIMESTAMPTZ '2026-01-03 01:00:00+01' AS ts, 40::INTEGER AS cents) TO '${path}'`,
  );
  assert.deepEqual(await pushed('taps', 'c.parquet'), [0, 1, 0, 0]);
  const server = await project.serve();
  const users = [7, 9007199254740993n].map(String) as unknown as readonly number[];
  const wanted = JSON.stringify([
    [0, 43],
    [0, 3],
  ]);
  await until(async () => JSON.stringify(await servedTaps(server, users)) === wanted);
  await server.stop();
});

test('what cannot be used stops the batch that has it, or is left out; an error says how to go on', async () => {
  const [code, message] = await pushed('taps', 'bad.jsonl', '--batch', '1');
  assert.equal(code, 2);
  assert.match(
    String(message),
    /^row 2, cents: .*--on-error accept_valid leaves such events out; the rows before 2 are pushed: go on with --from-row 2$/,
  );
  assert.deepEqual(await pushed('taps', 'bad.jsonl', '--on-error', 'accept_valid', '--from-row', '2'), [0, 1, 0, 1]);
  const torn = await pushed('taps', 'torn.jsonl', '--batch', '1');
  assert.match(String(torn[1]), /line 2.*go on with --from-row 2$/);
});

test('refused before anything is pushed', async () => {
  for (const [args, reason] of [
    [['taps', 'other.csv'], /the column "cent", expected columns of source taps.*was cents meant\?/],
    [['tap', 'a.jsonl'], /taps/],
    [['taps', 'none.jsonl'], /no file at/],
    [['taps', 'a.txt'], /\.csv, \.jsonl/],
  ] as const) {
    const [code, message] = await pushed(...args);
    assert.equal(code, 2, String(message));
    assert.match(String(message), reason);
  }
});
