// What a running server notices, and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../waiting.ts';
import { lookup, type RunningServe, tempProject } from './project.ts';
import { CLICKS, DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const LATER = '2026-01-08T06:00:00Z';
const ask = { service: 'ranking', entities: [{ user_id: 1 }], at: LATER };

const answer = async (
  server: RunningServe,
): Promise<{ readonly version: number; readonly features: string[]; readonly rows: unknown[][] }> =>
  (await (await lookup(server.url, ask)).json()) as { version: number; features: string[]; rows: unknown[][] };

test('a server picks up new versions and new watermarks without a restart', async () => {
  const project = await tempProject(SHOP);
  const server = await project.serve();
  const notApplied = await fetch(`${server.url}/readyz`);
  assert.equal(notApplied.status, 503);
  assert.match(await notApplied.text(), /NOT_APPLIED.*plumb apply/);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);

  assert.equal((await project.plumb('apply')).code, 0);
  const ready = await until(
    () => fetch(`${server.url}/readyz`),
    ({ ok }) => ok,
  );
  assert.equal(ready.status, 200);
  const early = await lookup(server.url, ask);
  assert.deepEqual([early.status, /NOT_MATERIALIZED/.test(await early.text())], [409, true]);

  assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
  assert.deepEqual((await answer(server)).rows[0]?.slice(2), [2, 3.5]);

  await project.write('data/clicks.jsonl', `${CLICKS}{"user_id":1,"ts":"2026-01-08T05:00:00Z","price":10}\n`);
  assert.equal((await project.plumb('materialize', '--until', LATER)).code, 0);
  assert.deepEqual((await answer(server)).rows[0]?.slice(2), [3, 13.5]);

  await project.write('features/shop.yaml', DEFINITIONS.replace('[profile:*, spending:*]', '[profile:country]'));
  assert.equal((await project.plumb('apply')).code, 0);
  const changed = await until(
    () => answer(server),
    ({ version }) => version === 2,
  );
  assert.deepEqual([changed.features, changed.rows], [['profile__country'], [['US']]]);
  assert.equal((await server.stop()).code, 0);
});

test('wrong lookups are refused with what is wrong; the server goes on', async () => {
  const project = await tempProject(SHOP);
  await project.plumb('apply');
  await project.plumb('materialize', '--until', UNTIL);
  const server = await project.serve();
  const refused: readonly (readonly [object | string, number, string, RegExp])[] = [
    [{ ...ask, service: 'rankin' }, 404, 'UNKNOWN_NAME', /ranking/],
    [{ features: ['profile:contry'], entities: [] }, 404, 'UNKNOWN_NAME', /country/],
    [{ features: ['nothing'], entities: [] }, 400, 'INVALID_REQUEST', /view:feature/],
    [{ ...ask, entities: [{}] }, 400, 'INVALID_REQUEST', /entities\[0\].*user_id/],
    [{ ...ask, entities: [{ user_id: 1 }, { user_id: 'x' }] }, 400, 'INVALID_REQUEST', /entities\[1\].*user_id/],
    [{ ...ask, entities: [{ user_id: 1.5 }] }, 400, 'INVALID_REQUEST', /entities\[0\].*user_id/],
    [{ ...ask, entities: [{ user_id: true }] }, 400, 'INVALID_REQUEST', /entities\[0\].*user_id/],
    [
      '{"service":"ranking","entities":[{"user_id":9223372036854775808}]}',
      400,
      'INVALID_REQUEST',
      /entities\[0\].*user_id/,
    ],
    ['{"service":"ranking","entities":[{"user_id":1e30}]}', 400, 'INVALID_REQUEST', /entities\[0\].*user_id/],
    ['{"service":', 400, 'INVALID_REQUEST', /line 1, column 12/],
  ];
  for (const [body, status, code, message] of refused) {
    const response = await lookup(server.url, body);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.deepEqual([response.status, error.code], [status, code], JSON.stringify({ body, error }));
    assert.match(error.message, message);
  }
  assert.equal((await lookup(server.url, ask)).status, 200);
  assert.equal((await server.stop()).code, 0);
});
