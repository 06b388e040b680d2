// Redis killed in the middle of a materialization: the run fails with what happened, and the same command then succeeds,
// whether Redis kept its data or not.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeParquetFile } from '../e2e/parquet-file.ts';
import { actAt, type TempProject, tempProject } from '../e2e/project.ts';
import { RedisServer } from '../servers/redis.ts';

const KEYS = 150_000;
const UNTIL = '2026-01-08T00:00:00Z';
const COMMAND = ['materialize', '--until', UNTIL, '--json'];
const GET = ['get', '--service', 'ranking', '--at', UNTIL, '--entity', '{"user_id":7}', `{"user_id":${KEYS - 1}}`];
const DEFINITIONS = `
entities: [{ name: user, joinKeys: [{ name: user_id, type: int64 }] }]
sources: [{ name: profiles, kind: batch, path: data/profiles.parquet, format: parquet, timestampColumn: ts }]
featureViews:
  - { name: profile, kind: row, entities: [user], source: profiles, features: [{ name: score, type: float64 }] }
featureServices: [{ name: ranking, features: ["profile:*"] }]
`;

async function largeProject(redis: RedisServer): Promise<TempProject> {
  const projectFile = `project: large\nonline: { kind: redis, url: "${redis.url}", commandTimeoutMillis: 1000 }\n`;
  const project = await tempProject({ 'plumb.yaml': projectFile, 'features/large.yaml': DEFINITIONS });
  await mkdir(join(project.folder, 'data'));
  const select = `SELECT range AS user_id, TIMESTAMP '2026-01-01' AS ts, range / 2 AS score FROM range(${KEYS})`;
  await writeParquetFile(join(project.folder, 'data/profiles.parquet'), select);
  assert.equal((await project.plumb('apply')).code, 0);
  return project;
}

const noticeOf = (out: string): string => {
  const [run] = (JSON.parse(out) as { runs: { outcome: string; notice: string }[] }).runs;
  assert.equal(run?.outcome, 'failed', out);
  return run?.notice ?? '';
};

for (const persistent of [true, false]) {
  for (const restartsAtOnce of persistent ? [true, false] : [false]) {
    const how = `${persistent ? 'keeps its data' : 'comes back empty'}, ${restartsAtOnce ? 'within a moment' : 'later'}`;
    test(`Redis is killed between two batches, and ${how}`, async () => {
      const redis = await RedisServer.start({ persistent });
      after(() => redis[Symbol.asyncDispose]());
      const project = await largeProject(redis);
      const { code, out, err } = await actAt(project.folder, 'materialize.batch_written', COMMAND, async () => {
        await redis.kill();
        if (restartsAtOnce) await redis.start();
      });
      assert.equal(code, 1, out + err);
      assert.match(
        noticeOf(out),
        restartsAtOnce ? /restarted while rows of profile were written/ : /Redis at .* does not answer/,
      );
      if (!restartsAtOnce) await redis.start();
      assert.equal((await project.json(...GET)).document.error?.code, 'NOT_MATERIALIZED');
      const again = await project.plumb(...COMMAND);
      assert.equal(again.code, 0, again.out + again.err);
      assert.deepEqual((await project.json(...GET)).document.rows, [[3.5], [(KEYS - 1) / 2]]);
    });
  }
}

test('emptied, but not restarted, in the middle of a run', async () => {
  const redis = await RedisServer.start();
  after(() => redis[Symbol.asyncDispose]());
  const project = await largeProject(redis);
  const { code, out } = await actAt(project.folder, 'materialize.batch_written', COMMAND, async () => {
    await redis.command('FLUSHALL');
  });
  assert.equal(code, 1);
  assert.match(noticeOf(out), /emptied while rows of profile were written/);
  assert.equal((await project.plumb(...COMMAND)).code, 0);
  assert.deepEqual((await project.json(...GET)).document.rows, [[3.5], [(KEYS - 1) / 2]]);
});
