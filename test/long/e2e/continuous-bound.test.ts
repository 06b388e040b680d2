// A view that becomes scheduled and continuous again, while a training set is bound to what it was: both are served by what they
// say, after runs, a restored backup, a lost store and a retirement.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AT_FIRST,
  AT_NOON,
  CONTINUOUS_DEFINITIONS,
  CONTINUOUS_SHOP,
  FIRST,
  must,
  NOON,
  served,
  trained,
} from '../../e2e/continuous-shop.ts';
import { tempProject } from '../../e2e/project.ts';

const CHURN = ['--dataset', 'churn@1'];
const SCHEDULED = CONTINUOUS_DEFINITIONS.replaceAll(', hop: 1h', '').replace(
  'source: clicks\n',
  'source: clicks\n    refresh: { every: 1h, delay: 0s }\n',
);

test('entries of a bound training set and rows of a scheduled view are served beside each other, whatever happens', async () => {
  const shop = await tempProject(CONTINUOUS_SHOP);
  const assertServed = async (bound: unknown, present: unknown): Promise<void> => {
    assert.deepEqual(await served(shop, NOON, CHURN), bound);
    assert.deepEqual(await served(shop, NOON), present);
  };
  await must(shop, 'apply');
  await must(shop, 'materialize', '--until', FIRST);
  assert.deepEqual(await trained(shop, FIRST, 'churn'), AT_FIRST);

  // Until its next run the changed view serves what it was, which moves on; a scheduled one stays at its boundary.
  await shop.write('features/shop.yaml', SCHEDULED);
  await must(shop, 'apply');
  await assertServed(AT_NOON, AT_NOON);
  await must(shop, 'materialize', '--until', FIRST);
  assert.deepEqual(await served(shop, NOON), AT_FIRST);

  // Bound when its generation is gone already: the next run fills one.
  const early = await shop.json('get', ...CHURN, '--entity', '{"user_id":1}', '--at', NOON);
  assert.equal(early.document.error?.code, 'NOT_AS_LEARNED');
  const { views } = (await must(shop, 'dataset', 'bind', 'churn@1')) as { views: { served: string }[] };
  assert.deepEqual(
    views.map(({ served: how }) => how),
    ['to_fill'],
  );
  await must(shop, 'materialize', '--until', FIRST);
  await assertServed(AT_NOON, AT_FIRST);

  await must(shop, 'backup', 'create', 'backups');
  await shop.remove('.plumb');
  await must(shop, 'backup', 'restore', 'backups');
  await assertServed(AT_NOON, AT_FIRST);
  await shop.remove('.plumb/online');
  await must(shop, 'materialize', '--from-snapshot');
  await assertServed(AT_NOON, AT_FIRST);

  // Back: the bound generation is the live one again, and stays when the binding ends.
  await shop.write('features/shop.yaml', CONTINUOUS_DEFINITIONS);
  await must(shop, 'apply');
  await assertServed(AT_NOON, AT_FIRST);
  await must(shop, 'materialize', '--until', NOON);
  await assertServed(AT_NOON, AT_NOON);
  await must(shop, 'dataset', 'retire', 'churn@1');
  await must(shop, 'gc');
  await assertServed(AT_NOON, AT_NOON);
});
