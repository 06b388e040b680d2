// From nothing to a served feature, through the executable and HTTP alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookup, plumb, tempProject } from './project.ts';
import { LABELS, SHOP, UNTIL } from './shop.ts';

const FEATURES = ['profile__country', 'profile__points', 'spending__clicks_1d', 'spending__spend_1d'];

test('what `plumb init` writes works at once', async () => {
  const project = await tempProject({}, plumb);
  assert.equal((await project.plumb('init', '.')).code, 0);
  for (const command of [
    ['apply'],
    ['materialize'],
    ['dataset', 'create', '--service', 'example', '--labels', 'data/labels.csv'],
  ]) {
    const { code, err } = await project.plumb(...command);
    assert.equal(code, 0, `${command.join(' ')}: ${err}`);
  }
  const { code, document } = await project.json('get', '--service', 'example', '--entity', '{"user_id": 2}');
  assert.equal(code, 0);
  const { rows, statuses } = document as {
    rows?: readonly (readonly unknown[])[];
    statuses?: readonly (readonly string[])[];
  };
  assert.deepEqual(rows?.[0]?.slice(0, 2), ['DE', true]);
  assert.ok(Number(rows?.[0]?.[2]) > 0, 'a window up to now holds clicks');
  assert.deepEqual(new Set(statuses?.[0]), new Set(['PRESENT']));
  const doctor = await project.plumb('doctor');
  assert.equal(doctor.code, 0, doctor.out);
});

test('apply → materialize → get, serve, dataset create', async (t) => {
  const project = await tempProject(SHOP, plumb);

  await t.test('apply shows, then registers, then has nothing to do', async () => {
    assert.equal((await project.json('apply', '--dry-run')).document.outcome, 'dry_run');
    assert.match((await project.plumb('apply', '--dry-run')).out, /this would be version 1\.\n$/);
    assert.equal((await project.json('apply')).document.outcome, 'registered');
    const again = await project.json('apply');
    assert.deepEqual([again.document.outcome, again.document.version], ['unchanged', 1]);
  });

  await t.test('list, describe, status', async () => {
    assert.match((await project.plumb('list')).out, /ranking/);
    assert.equal((await project.json('describe', 'spending')).document.kind, 'aggregate');
    assert.match((await project.plumb('status')).out, /never materialized/);
  });

  await t.test('materialize, and again', async () => {
    const first = await project.json('materialize', '--until', UNTIL);
    assert.equal(first.code, 0);
    const runs = first.document.runs as readonly { view: string; outcome: string }[];
    assert.deepEqual(
      runs.map(({ view, outcome }) => [view, outcome]),
      [
        ['profile', 'succeeded'],
        ['spending', 'succeeded'],
      ],
    );
    assert.equal((await project.plumb('materialize', '--until', UNTIL)).code, 0);
    const back = await project.json('materialize', '--until', '2026-01-07T00:00:00Z');
    assert.deepEqual([back.code, back.document.error?.code], [2, 'BEHIND_WATERMARK']);
  });

  await t.test('get keeps all digits of keys and values', async () => {
    const argv = ['get', '--service', 'ranking', '--at', UNTIL];
    const { out } = await project.plumb(
      ...argv,
      '--entity',
      '{"user_id":1}',
      '{"user_id":"9007199254740995"}',
      '{"user_id":9007199254740995}',
      '--json',
    );
    assert.match(out, /9007199254740993/);
    const { features, rows } = JSON.parse(out) as { features: unknown; rows: readonly (readonly unknown[])[] };
    assert.deepEqual(features, FEATURES);
    assert.deepEqual([rows[0]?.[2], rows[0]?.[3], rows[1]?.[0], rows[2]?.[0]], [2, 3.5, 'JP', 'JP']);
  });

  await t.test('serve answers the same over HTTP', async () => {
    const server = await project.serve();
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    const body = { service: 'ranking', entities: [{ user_id: 1 }, { user_id: 3 }, { user_id: null }], at: UNTIL };
    const response = await lookup(server.url, { ...body, statuses: true, asOf: true, eventTimes: true });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.match(text, /"US",\s*9007199254740993,\s*2,\s*3\.5/);
    const answer = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(answer.statuses, [
      ['PRESENT', 'PRESENT', 'PRESENT', 'PRESENT'],
      ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
      ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
    ]);
    assert.deepEqual((answer.rows as unknown[])[1], [null, null, 0, null]);
    assert.deepEqual(answer.asOf, { profile: UNTIL, spending: UNTIL });
    assert.equal(answer.at, UNTIL);
    const asText = await (await lookup(server.url, { ...body, int64: 'string' })).json();
    assert.equal((asText as { rows: unknown[][] }).rows[0]?.[1], '9007199254740993');
    const single = { features: ['profile:country'], entities: [{ user_id: 2 }], at: UNTIL };
    assert.deepEqual(((await (await lookup(server.url, single)).json()) as { rows: unknown }).rows, [['DE']]);
    const ended = await server.stop();
    assert.deepEqual([ended.code, ended.err.includes('Error')], [0, false]);
  });

  await t.test('dataset create has one row per label, and the training value at T is the served one', async () => {
    const labels = ['dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train'];
    const made = await project.json(...labels, '--out', 'out.jsonl');
    assert.equal(made.code, 0, JSON.stringify(made.document));
    const lines = (await project.read('out.jsonl')).trimEnd().split('\n');
    assert.equal(lines.length, LABELS.trimEnd().split('\n').length - 1);
    assert.match(lines[0] ?? '', /9007199254740993/);
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(Object.keys(rows[0] ?? {}), ['user_id', 'event_timestamp', 'bought', ...FEATURES]);
    assert.deepEqual(
      [rows[0]?.profile__country, rows[0]?.spending__clicks_1d, rows[0]?.spending__spend_1d],
      ['US', 2, 3.5],
    );
    assert.deepEqual(
      [rows[1]?.profile__country, rows[1]?.spending__clicks_1d, rows[1]?.spending__spend_1d],
      [null, 0, null],
    );
    assert.equal((await project.json(...labels)).document.version, 2);
    assert.equal((await project.json('dataset', 'show', 'train@1')).document.rows, 2);
    assert.match((await project.plumb('dataset', 'list')).out, /train +2 +ranking +2/);
    const explained = await project.plumb(...labels, '--explain');
    assert.match(explained.out, /plan\n[\s\S]*strategy\n[\s\S]*sql\n/);
  });
});
