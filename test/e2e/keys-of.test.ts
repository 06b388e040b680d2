// Training sets whose labels are the keys of a view: at one instant, and on a grid.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DatasetJob } from '../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from './http-client.ts';
import { type TempProject, tempProject } from './project.ts';
import { DEFINITIONS, SHOP, UNTIL } from './shop.ts';

const RENAMED = `
  - name: by_buyer
    features: [{ view: profile, features: "*", joinKeys: { user_id: buyer } }]
`;
const shop = await tempProject({ ...SHOP, 'features/shop.yaml': `${DEFINITIONS.trimEnd()}${RENAMED}` });
assert.equal((await shop.plumb('apply')).code, 0);

async function rowsOf(project: TempProject, ...args: readonly string[]): Promise<readonly unknown[][]> {
  const { code, err } = await project.plumb('dataset', 'create', '--service', 'ranking', '--out', 'out.jsonl', ...args);
  assert.equal(code, 0, err);
  const lines = (await readFile(join(project.folder, 'out.jsonl'), 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => Object.values(JSON.parse(line.replace(/"user_id":(\d+)/, '"user_id":"$1"'))));
}

test('every key of a row view at an instant, with its values then', async () => {
  // 9007199254740993, as JSON.parse reads it.
  const rows = await rowsOf(shop, '--keys-of', 'profile', '--at', '2026-01-01T12:00:00Z');
  assert.deepEqual(rows, [['1', '2026-01-01T12:00:00Z', 'US', 2 ** 53, 0, null]]);
  const later = await rowsOf(shop, '--keys-of', 'profile', '--at', 'now', '--timestamp-column', 'scored_at');
  assert.deepEqual(
    later.map(([user]) => user),
    ['1', '2', '9007199254740995'],
  );
});

test('a grid of an aggregate view: keys come and go with its windows', async () => {
  const grid = ['--from', '2026-01-05T00:00:00Z', '--to', '2026-01-09T00:00:00Z', '--every', '12h'];
  const rows = await rowsOf(shop, '--keys-of', 'spending', ...grid);
  assert.deepEqual(
    rows.map(([user, at, , , clicks, spend]) => [user, at, clicks, spend]),
    [
      ['2', '2026-01-05T12:00:00Z', 1, 4],
      ['2', '2026-01-06T00:00:00Z', 1, 4],
      ['1', '2026-01-07T12:00:00Z', 1, 1.5],
      ['1', '2026-01-08T00:00:00Z', 2, 3.5],
      ['1', '2026-01-08T12:00:00Z', 1, 2],
    ],
  );
  const { document } = await shop.json('dataset', 'show', 'ranking');
  assert.deepEqual((document.labels as { keysOf: unknown }).keysOf, {
    view: 'spending',
    from: '2026-01-05T00:00:00Z',
    to: '2026-01-09T00:00:00Z',
    every: '12h',
  });
});

test('what cannot be asked is refused, and says why', async () => {
  for (const [args, code, message] of [
    [[], 'INVALID_REQUEST', /neither --labels nor --keys-of/],
    [['--keys-of', 'profil', '--at', 'now'], 'UNKNOWN_NAME', /did you mean "profile"/],
    [['--keys-of', 'profile'], 'INVALID_REQUEST', /need either --at, or --from, --to and --every/],
    [['--keys-of', 'profile', '--at', 'now+1d'], 'INVALID_REQUEST', /--at: found "now\+1d", expected now, a duration/],
    [['--keys-of', 'profile', '--at', 'now', '--every', '1d'], 'INVALID_REQUEST', /need either --at/],
    [['--keys-of', 'profile', '--at', 'yesterday'], 'INVALID_REQUEST', /--at: found "yesterday"/],
    [
      ['--keys-of', 'profile', '--from', UNTIL, '--to', UNTIL, '--every', '1d'],
      'INVALID_REQUEST',
      /end after it begins/,
    ],
    [
      ['--keys-of', 'profile', '--from', UNTIL, '--to', 'now', '--every', '1 day'],
      'INVALID_REQUEST',
      /--every: found "1 day"/,
    ],
    [['--keys-of', 'profile', '--from', UNTIL, '--to', 'now', '--every', '1s'], 'INVALID_REQUEST', /at most 100000/],
    [
      ['--keys-of', 'profile', '--at', '2020-01-01T00:00:00Z'],
      'INVALID_LABELS',
      /profile has no keys at 2020-01-01T00:00:00Z/,
    ],
    [
      ['--keys-of', 'profile', '--at', UNTIL, '--timestamp-column', 'user_id'],
      'INVALID_REQUEST',
      /a key of view profile/,
    ],
    [['--keys-of', 'profile', '--at', UNTIL, '--labels', 'labels.csv'], 'INVALID_REQUEST', /cannot be used with/],
  ] as const) {
    const { code: exit, document } = await shop.json('dataset', 'create', '--service', 'ranking', ...args);
    assert.deepEqual([exit, document.error?.code], [2, code], JSON.stringify([args, document]));
    assert.match(document.error?.message ?? '', message);
  }
  const argv = ['--service', 'by_buyer', '--keys-of', 'profile', '--at', UNTIL];
  const { document } = await shop.json('dataset', 'create', ...argv);
  assert.match(
    document.error?.message ?? '',
    /reads the key buyer \(int64\), but the keys of view profile are user_id int64/,
  );
});

test('--explain says how the keys are found, too', async () => {
  const argv = ['dataset', 'create', '--service', 'ranking', '--keys-of', 'spending', '--at', UNTIL, '--explain'];
  const { code, out } = await shop.plumb(...argv);
  assert.equal(code, 0);
  assert.match(out, /keys spending: those that it has at each instant/);
  assert.match(out, /spending: keys with a row in the widest window/);
  assert.match(out, /training_set ranking/);
});

test('over HTTP', async () => {
  const server = await shop.serve();
  const labels = { keysOf: 'profile', from: '2026-01-01T12:00:00Z', to: '2026-01-03T00:00:00Z', every: '12h' };
  const job = await answerOf<DatasetJob>(await post(server.url, '/v1/datasets', { service: 'ranking', labels }), 202);
  const ended = (await waitFor(server.url, job.id, hasEnded)) as DatasetJob;
  assert.deepEqual([ended.status, ended.result?.rows], ['succeeded', 1 + 3 + 3]);
  for (const [wrong, code] of [
    [{ keysOf: 'nothing', at: UNTIL }, 'UNKNOWN_NAME'],
    [{ keysOf: 'profile' }, 'INVALID_REQUEST'],
    [{ keysOf: 'profile', at: UNTIL, every: '1d' }, 'INVALID_REQUEST'],
    [{ ...labels, every: '1us' }, 'INVALID_REQUEST'],
    [{ ...labels, to: '2027-01-01T00:00:00Z', every: '1s' }, 'INVALID_REQUEST'],
  ] as const)
    await refusal(await post(server.url, '/v1/datasets', { service: 'ranking', labels: wrong }), code);
  const body = { service: 'by_buyer', labels: { keysOf: 'profile', at: UNTIL } };
  await refusal(await post(server.url, '/v1/datasets', body), 'INVALID_REQUEST');
});
