// The storage folder was moved away: each command says so and what to do, and none makes a new one but init and apply.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../waiting.ts';
import { post, refusal } from './http-client.ts';
import { lookup, tempProject } from './project.ts';
import { assertRefused } from './refused.ts';
import { SHOP, UNTIL } from './shop.ts';

const DATASET = ['--service', 'ranking', '--labels', 'labels.csv'];
const project = await tempProject(SHOP);
const storage = join(project.folder, '.plumb');
const absent = /the storage ".*\.plumb" does not exist: bring it back, or run `plumb apply` to begin a new one/;

const commands = [
  [['materialize', '--until', UNTIL], 'NOT_APPLIED'],
  [['status'], 'NOT_APPLIED'],
  [['get', '--service', 'ranking', '--entity', '{"user_id":1}'], 'NOT_APPLIED'],
  [['dataset', 'create', ...DATASET], 'NOT_APPLIED'],
  [['dataset', 'list'], 'STORAGE_UNAVAILABLE'],
  [['dataset', 'show', 'ranking'], 'STORAGE_UNAVAILABLE'],
  [['gc'], 'STORAGE_UNAVAILABLE'],
] as const;

async function doctor(): Promise<ReadonlyMap<string, string>> {
  const { document } = await project.json('doctor');
  const { checks } = document as unknown as { checks: readonly { name: string; outcome: string }[] };
  return new Map(checks.map(({ name, outcome }) => [name, outcome]));
}

test('doctor makes no folder: in a new project, and in one that was applied but not materialized', async () => {
  assert.equal((await doctor()).get('definitions'), 'warn');
  assert.equal(existsSync(storage), false);
  await project.plumb('apply');
  const before = (await readdir(storage)).toSorted();
  const checks = await doctor();
  assert.deepEqual(
    ['storage', 'online store', 'watermarks'].map((name) => checks.get(name)),
    ['ok', 'warn', 'warn'],
  );
  assert.deepEqual((await readdir(storage)).toSorted(), before);
});

test('a storage that was moved away is an error of each command, and no new one is made', async () => {
  await project.plumb('materialize', '--until', UNTIL);
  await rename(storage, `${storage}.away`);
  for (const [command, code] of commands) await assertRefused(project, command, code, absent);
  const checks = await doctor();
  assert.deepEqual([checks.get('registry'), checks.get('storage')], ['fail', 'fail']);
  assert.equal(existsSync(storage), false);
  await rename(`${storage}.away`, storage);
});

test('a server whose storage was moved away is not ready, refuses jobs and lists, and goes on once it is back', async () => {
  const { url } = await project.serve();
  const ready = async (): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;
  await until(ready);
  await rename(storage, `${storage}.away`);
  await until(async () => !(await ready()));
  for (const answer of [
    await fetch(`${url}/v1/datasets`),
    await post(url, '/v1/datasets', {
      service: 'ranking',
      labels: { columns: { user_id: [1], event_timestamp: [UNTIL] } },
    }),
    await post(url, '/v1/materializations', {}),
  ]) {
    const { message } = await refusal(answer, 'STORAGE_UNAVAILABLE');
    assert.match(message, /the storage does not exist: bring it back/);
  }
  assert.equal(existsSync(storage), false);
  await rename(`${storage}.away`, storage);
  await until(ready);
  assert.equal((await lookup(url, { service: 'ranking', entities: [{ user_id: 1 }], at: UNTIL })).status, 200);
});
