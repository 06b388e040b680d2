import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { ChangeLog } from './change-log.ts';

const newStore = async () => new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-audit-')) });
const BY_KEY = { by: { key: 'abcdefghijkl' }, operation: 'cancelJob', target: '/v1/jobs/1', requestId: 'r' };

test('a change is there before it is done, then with its outcome; one that was refused is not', async () => {
  const log = new ChangeLog(await newStore());
  const change = await log.begin(BY_KEY);
  const [begun] = (await log.list(10)).changes;
  assert.deepEqual({ ...begun, at: '' }, { ...BY_KEY, at: '', outcome: null });
  await change.end({ failed: null, made: '/v1/jobs/2' });
  const refused = await log.begin(BY_KEY);
  await refused.drop();
  const { changes } = await log.list(10);
  assert.deepEqual(changes, [{ ...begun, outcome: { failed: null, made: '/v1/jobs/2' } }]);
});

test('the newest come first, over months, as many as are wanted; damaged ones are named', async () => {
  const store = await newStore();
  const log = new ChangeLog(store);
  const old = { ...BY_KEY, at: '2020-02-29T00:00:00Z', outcome: null };
  await store.put('audit/2020-02/20200229T000000Z-00000000.json', Buffer.from(JSON.stringify(old)));
  await store.put('audit/2020-01/20200101T000000Z-00000000.json', Buffer.from('{}'));
  for (let i = 0; i < 40; i += 1) await log.begin({ ...BY_KEY, operation: `step ${i}` });
  const { changes, damaged } = await log.list(100);
  assert.equal(changes.length, 41);
  assert.deepEqual(changes.at(-1), old);
  assert.ok(changes.every(({ at }, i) => i === 0 || at <= (changes[i - 1]?.at ?? '')));
  assert.deepEqual(damaged, ['audit/2020-01/20200101T000000Z-00000000.json']);
  assert.equal((await log.list(5)).changes.length, 5);
  const one = await log.list(5, ({ operation }) => operation === 'step 3');
  assert.deepEqual(
    one.changes.map(({ operation }) => operation),
    ['step 3'],
  );
});

test('what cannot be written down is not begun', async () => {
  const away = new Error('away');
  const log = new ChangeLog({ ...(await newStore()), put: () => Promise.reject(away) } as never);
  await assert.rejects(log.begin(BY_KEY), away);
});

test('regression: a change at a whole second comes before those of the same second', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-29T10:30:00.000Z') });
  const log = new ChangeLog(await newStore());
  for (const operation of ['first', 'second']) {
    await log.begin({ ...BY_KEY, operation });
    t.mock.timers.tick(999);
  }
  const { changes } = await log.list(10);
  assert.deepEqual(
    changes.map(({ operation }) => operation),
    ['second', 'first'],
  );
});
