// plumb gc and plumb dataset keep, as a user runs them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempProject } from './project.ts';
import { PROJECT_FILE, SHOP, UNTIL } from './shop.ts';

const RETENTION =
  'retention: { grace: 1s, snapshots: { keep: 1, maxAge: 1s }, datasets: { keep: 1 }, jobs: { maxAge: 1s } }\n';

test('old runs and datasets go, the kept one stays, and lookups and snapshots are as before', async () => {
  const shop = await tempProject({ ...SHOP, 'plumb.yaml': `${PROJECT_FILE}${RETENTION}` });
  const must = async (...args: readonly string[]) => {
    const { code, document } = await shop.json(...args);
    assert.equal(code, 0, JSON.stringify(document));
    return document;
  };
  await must('apply');
  for (const mode of ['--full', '--full']) await must('materialize', '--until', UNTIL, mode);
  for (let version = 1; version <= 3; version += 1)
    await must('dataset', 'create', '--service', 'ranking', '--labels', 'labels.csv', '--name', 'train');
  assert.deepEqual(await must('dataset', 'keep', 'train@1'), { name: 'train', version: 1, kept: true });
  const lookup = ['get', '--service', 'ranking', '--entity', '{"user_id":1}', '--at', UNTIL];
  const { rows } = await must(...lookup);
  await sleep(1100);
  const before = await shop.stored();
  const dry = await must('gc', '--dry-run');
  assert.deepEqual(await shop.stored(), before);
  const done = await must('gc');
  assert.deepEqual(done.removed, dry.removed);
  const kinds = (done.removed as readonly { readonly kind: string; readonly items: number }[]).map(
    ({ kind, items }) => `${items} ${kind}`,
  );
  assert.ok(
    kinds.includes('1 dataset') && kinds.includes('1 snapshot') && kinds.includes('1 generation'),
    kinds.join(),
  );
  const after = await shop.stored();
  assert.ok(after.length < before.length);
  assert.deepEqual(
    after.filter((key) => /^(datasets|views)\/.*manifest/.test(key)),
    [
      ...[1, 3].map((version) => `datasets/train/0000000${version}/manifest.json`),
      'views/profile/00000002/manifest.json',
      'views/spending/00000002/manifest.json',
    ],
  );
  assert.deepEqual((await must(...lookup)).rows, rows);
  await must('materialize', '--from-snapshot');
  assert.deepEqual((await must(...lookup)).rows, rows);
  await must('dataset', 'keep', 'train@1', '--release');
  const { out, code } = await shop.plumb('gc', '--max-time', '10m', '--limit', '1000');
  assert.deepEqual([code, /dataset +train +1/.test(out), /Left/.test(out)], [0, true, true], out);
});

test('what cannot be meant is refused', async () => {
  const shop = await tempProject({ ...SHOP });
  await shop.plumb('apply');
  for (const args of [
    ['gc', '--limit', '0'],
    ['gc', '--max-time', 'soon'],
    ['dataset', 'keep', 'none'],
  ]) {
    const { code, document } = await shop.json(...args);
    assert.equal(code, 2, args.join(' '));
    assert.ok(document.error, args.join(' '));
  }
});
