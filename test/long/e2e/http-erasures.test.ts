// Erasures over HTTP: recorded when they are answered, done by a job, and finished by the next server where that one died.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErasureJob, ErasurePage, ErasureSummary } from '../../../schemas/wire-types.ts';
import { PlumbClient } from '../../../sdk/typescript/src/index.ts';
import { ERASURE_SHOP } from '../../e2e/erasure-shop.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { lookup, startPaused, type TempProject, tempProject } from '../../e2e/project.ts';
import { UNTIL } from '../../e2e/shop.ts';
import { partsNaming } from '../../e2e/stored-parts.ts';
import { until } from '../../waiting.ts';

/** A user whose number is found nowhere else. */
const USER = '9007199254740995';

async function livedIn(): Promise<TempProject> {
  const shop = await tempProject(ERASURE_SHOP);
  for (const args of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, err } = await shop.plumb(...args);
    assert.equal(code, 0, err);
  }
  return shop;
}

const rowOf = async (url: string, user: string | number): Promise<readonly unknown[]> => {
  const body = `{"service":"ranking","entities":[{"user_id":${user}}],"at":"${UNTIL}"}`;
  const { rows } = await answerOf<{ readonly rows: readonly (readonly unknown[])[] }>(await lookup(url, body));
  return rows[0] ?? [];
};

const GONE = [null, null, 0, null];

test('an erasure over HTTP is recorded, done by a job, and its key stands in its record alone', async () => {
  const shop = await livedIn();
  const server = await shop.serve();
  assert.deepEqual(await rowOf(server.url, USER), ['JP', -1, 0, null]);
  const body = `{"entity":"user","keys":[{"user_id":${USER}}]}`;
  const job = await answerOf<ErasureJob>(await post(server.url, '/v1/erasures', body), 202);
  const done = (await waitFor(server.url, job.id, hasEnded)) as ErasureJob;
  assert.equal(done.status, 'succeeded', JSON.stringify(done.error));
  assert.deepEqual(await rowOf(server.url, USER), GONE);

  const erasure = await answerOf<ErasureSummary>(await fetch(`${server.url}/v1/erasures/${job.id}`));
  assert.deepEqual([erasure.status, erasure.keys, erasure.report], ['done', 1, done.result?.reports[0]]);
  assert.deepEqual(
    erasure.report?.views.map(({ view, online }) => [view, online]),
    [['profile', 1]],
  );
  const page = await answerOf<ErasurePage>(await fetch(`${server.url}/v1/erasures?limit=1`));
  assert.deepEqual(page, { erasures: [erasure], next: null });
  const { err } = await server.stop();
  assert.doesNotMatch(err, new RegExp(USER), 'no log names the key');
  for (const key of await shop.stored()) {
    if (/^(erasures\/[^/]+\/record\.json|online\/)/.test(key) || key.endsWith('.parquet')) continue;
    const content = await readFile(join(shop.folder, '.plumb', key), 'latin1');
    assert.ok(!content.includes(USER), `${key} names the key`);
  }
});

test('what cannot be meant is refused before anything is recorded', async () => {
  const shop = await livedIn();
  const { url } = await shop.serve();
  const ask = (body: unknown) => post(url, '/v1/erasures', body);
  assert.match((await refusal(await ask({ entity: 'usr', keys: [{ user_id: 1 }] }), 'UNKNOWN_NAME')).message, /"user"/);
  assert.match((await refusal(await ask({ entity: 'user', keys: [] }), 'INVALID_REQUEST')).message, /\$\.keys/);
  const many = { entity: 'user', keys: Array.from({ length: 1001 }, (_, user_id) => ({ user_id })) };
  assert.match((await refusal(await ask(many), 'INVALID_REQUEST')).message, /\$\.keys/);
  const wrong = await refusal(await ask({ entity: 'user', keys: [{ user_id: 'x-secret' }] }), 'INVALID_REQUEST');
  assert.equal(wrong.details.path, '$.keys[0].user_id');
  assert.doesNotMatch(JSON.stringify(wrong), /secret/);
  for (const body of [
    { entity: 'user', keys: ['x-secret'] },
    { entity: 'user', keys: 'x-secret' },
  ]) {
    const { message, details } = await refusal(await ask(body), 'INVALID_REQUEST');
    assert.doesNotMatch(
      JSON.stringify([message, details]),
      /secret/,
      'regression: a key in a wrong place was repeated',
    );
    assert.match(message, /found another value, expected/);
  }
  await refusal(await fetch(`${url}/v1/erasures/20260101000000000-erasure-00000000`), 'UNKNOWN_NAME');
  assert.deepEqual(await answerOf(await fetch(`${url}/v1/erasures`)), { erasures: [], next: null });
});

test('an erasure that died before it did anything is finished by the next server', async () => {
  const shop = await livedIn();
  const paused = await startPaused(shop.folder, 'erasure.recorded', ['forget', 'user', '--key', '{"user_id":1}']);
  await paused.kill();
  const { url } = await shop.serve();
  const { erasures } = await until(
    async () => answerOf<ErasurePage>(await fetch(`${url}/v1/erasures`)),
    (page) => page.erasures.every(({ status }) => status === 'done'),
  );
  assert.equal(erasures.length, 1);
  assert.deepEqual(await rowOf(url, 1), GONE);
});

test('a run that was under way does not bring the key back', async () => {
  const shop = await livedIn();
  const args = ['materialize', 'profile', '--full', '--until', UNTIL];
  const run = await startPaused(shop.folder, 'materialize.computed', args);
  const forgetting = shop.plumb('forget', 'user', '--key', '{"user_id":1}');
  // Recorded, and gone from what is live, while the run still has the rows in its hands.
  await until(async () => (await shop.stored()).some((key) => key.endsWith('/progress.json')));
  const { code, out } = await run.goOn();
  assert.equal(code, 0, out);
  assert.equal((await forgetting).code, 0);
  const { url } = await shop.serve();
  assert.deepEqual(await rowOf(url, 1), GONE);
  assert.deepEqual(await rowOf(url, 2), ['DE', 7, 0, null]);
});

test('a server with the memory store erases in its own process', async () => {
  const file = (ERASURE_SHOP['plumb.yaml'] as string).replace('{ kind: lmdb }', '{ kind: memory }');
  const shop = await tempProject({ ...ERASURE_SHOP, 'plumb.yaml': file });
  assert.equal((await shop.plumb('apply')).code, 0);
  const { url } = await shop.serve();
  const run = await answerOf<{ readonly id: string }>(await post(url, '/v1/materializations', { until: UNTIL }), 202);
  assert.equal((await waitFor(url, run.id, hasEnded)).status, 'succeeded');
  assert.deepEqual(await rowOf(url, 2), ['DE', 7, 0, null]);
  const body = { entity: 'user', keys: [{ user_id: 2 }] };
  const job = await answerOf<ErasureJob>(await post(url, '/v1/erasures', body), 202);
  assert.equal((await waitFor(url, job.id, hasEnded)).status, 'succeeded');
  assert.deepEqual(await rowOf(url, 2), GONE);
});

test('the TypeScript client erases, waits and lists', async () => {
  const shop = await livedIn();
  const { url } = await shop.serve();
  const client = new PlumbClient({ url });
  const job = await client.erasures.create({ entity: 'user', keys: [{ user_id: 1 }] });
  const report = await job.wait();
  assert.deepEqual([report?.entity, report?.keys], ['user', 1]);
  assert.equal((await client.erasures.get(job.id)).status, 'done');
  assert.deepEqual(
    (await Array.fromAsync(client.erasures.list())).map(({ id }) => id),
    [job.id],
  );
});

const BUILD = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train'];

test('a build that was under way and is about to commit is refused, and may be tried again', async () => {
  const shop = await livedIn();
  const build = await startPaused(shop.folder, 'dataset.parts_written', [...BUILD, '--json']);
  const forgetting = shop.plumb('forget', 'user', '--key', '{"user_id":1}');
  await until(async () => (await shop.stored()).some((key) => key.endsWith('/progress.json')));
  const { code, out } = await build.goOn();
  assert.deepEqual([code, JSON.parse(out).error.code], [1, 'CONFLICT'], out);
  assert.equal((await forgetting).code, 0);
  const { code: again, document } = await shop.json(...BUILD);
  assert.deepEqual([again, document.rows], [0, 2], 'label rows stay');
});

test('a build that commits while keys are erased loses their rows', async () => {
  const shop = await livedIn();
  const build = await startPaused(shop.folder, 'dataset.before_manifest', BUILD);
  const forgetting = shop.plumb('forget', 'user', '--key', '{"user_id":1}');
  await until(async () => (await shop.stored()).some((key) => key.endsWith('/progress.json')));
  assert.equal((await build.goOn()).code, 0);
  assert.equal((await forgetting).code, 0);
  assert.deepEqual(await partsNaming(shop.folder, 1n), []);
  const { document } = await shop.json('dataset', 'show', 'train');
  assert.equal(document.rows, 1);
});
