import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { until } from '../../../test/waiting.ts';
import { FileObjectStore } from '../file/file-object-store.ts';
import type { Lease } from './lease.ts';
import type { LeaseStore } from './lease-object.ts';
import { type LeaseObject, leaseBytes, leaseKey } from './lease-object.ts';
import { thisProcess } from './owner.ts';
import { StorageLeases } from './storage-leases.ts';

const TERM_MILLIS = 2500;
const root = await mkdtemp(join(tmpdir(), 'plumb-leases-'));
after(() => rm(root, { recursive: true, force: true }));
let folders = 0;

function world(): { readonly store: FileObjectStore; readonly leases: StorageLeases } {
  const store = new FileObjectStore({ root: join(root, String(++folders)) });
  return { store, leases: new StorageLeases({ store, termMillis: TERM_MILLIS }) };
}

const WORK = { purpose: 'counting' };
const isConflict = (pattern: RegExp) => (error: unknown) =>
  error instanceof PlumbError && error.code === 'CONFLICT' && pattern.test(error.message);

/** What another process left behind. */
const foreign = (change: Partial<LeaseObject> = {}): LeaseObject => ({
  owner: { host: 'elsewhere', pid: 7, machine: 'another boot', startTicks: '1' },
  purpose: 'painting',
  acquiredAt: '2026-01-01T00:00:00Z',
  renewedAt: '2026-01-01T00:00:00Z',
  termMillis: TERM_MILLIS,
  renewals: 4,
  released: false,
  ...change,
});

/** Another process that holds the token, and lives until it is disposed of. */
function living(store: FileObjectStore, name: string, token: number): Disposable {
  let renewals = 0;
  const renew = (): void => {
    renewals += 1;
    void store.put(leaseKey(name, token), leaseBytes(foreign({ renewals })));
  };
  renew();
  const timer = setInterval(renew, TERM_MILLIS / 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

test('one holder at a time; whoever is refused learns who holds it; given back, it is free at once', async () => {
  const { leases, store } = world();
  {
    await using lease = await leases.acquire('view.clicks', { purpose: 'materializing clicks' });
    assert.equal(lease.token, 1);
    await lease.assertHeld();
    await assert.rejects(
      leases.acquire('view.clicks', WORK),
      isConflict(new RegExp(`^process ${process.pid} on .* has been materializing clicks since 2`)),
    );
    await using other = await leases.acquire('view.views', WORK);
    assert.equal(other.token, 1);
    assert.deepEqual(
      (await leases.holders('view.')).map(({ name, purpose, pid }) => [name, purpose, pid]),
      [
        ['view.clicks', 'materializing clicks', process.pid],
        ['view.views', 'counting', process.pid],
      ],
    );
  }
  assert.deepEqual(await leases.holders(''), []);
  await using next = await leases.acquire('view.clicks', WORK);
  assert.equal(next.token, 2);
  assert.deepEqual(
    (await store.list('leases/view.clicks/')).map(({ key }) => key),
    [leaseKey('view.clicks', 2)],
    'former tokens are removed',
  );
});

test('of many that want it at once one at a time has it, and tokens grow', async () => {
  const { leases } = world();
  let holders = 0;
  const tokens: number[] = [];
  const work = async (): Promise<void> => {
    for (;;) {
      const lease = await leases.acquire('apply', WORK).catch((error) => {
        assert.ok(isConflict(/counting/)(error), error);
        return null;
      });
      if (lease === null) continue;
      assert.equal(++holders, 1);
      tokens.push(lease.token);
      await sleep(5);
      await lease.assertHeld();
      holders--;
      return await lease[Symbol.asyncDispose]();
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  assert.equal(tokens.length, 20);
  assert.deepEqual(
    tokens,
    [...tokens].sort((left, right) => left - right),
  );
});

test('a holder elsewhere that stands still is followed after its term, not before', async () => {
  const { leases, store } = world();
  await store.put(leaseKey('gc', 41), leaseBytes(foreign()));
  const begunAtMillis = performance.now();
  await using lease = await leases.acquire('gc', WORK);
  assert.ok(performance.now() - begunAtMillis >= TERM_MILLIS);
  assert.equal(lease.token, 42);
});

test('a holder elsewhere that moves is left alone', async () => {
  const { leases, store } = world();
  using _holder = living(store, 'gc', 41);
  await until(async () => (await store.get(leaseKey('gc', 41))) !== null);
  await assert.rejects(leases.acquire('gc', WORK), isConflict(/process 7 on elsewhere has been painting/));
});

test('a process of this machine that is gone is followed at once, whatever its term', async () => {
  const { leases, store } = world();
  const owner = { ...thisProcess(), startTicks: '1' };
  await store.put(leaseKey('gc', 3), leaseBytes(foreign({ owner, termMillis: 3_600_000 })));
  assert.deepEqual(await leases.holders('gc'), []);
  await using lease = await leases.acquire('gc', WORK);
  assert.equal(lease.token, 4);
});

test('a holder that was followed while it was paused loses the lease: signal and assertHeld say so', async () => {
  const { leases, store } = world();
  await using lease = await leases.acquire('view.clicks', WORK);
  await store.putIfAbsent(leaseKey('view.clicks', 2), leaseBytes(foreign()));
  await assert.rejects(
    lease.assertHeld(),
    isConflict(/view.clicks was lost while counting: somebody else took it over/),
  );
  assert.equal((lease.signal.reason as PlumbError).code, 'CONFLICT');
  await lease[Symbol.asyncDispose]();
  const kept = await store.get(leaseKey('view.clicks', 2));
  assert.ok(kept !== null && !kept.toString().includes('"released":true'), 'what others hold is not given back');
});

test('a holder that cannot renew for a term loses the lease; one failure alone does not', async () => {
  const { store } = world();
  let isDown = false;
  const flaky: LeaseStore = {
    get: (key) => store.get(key),
    putIfAbsent: (key, content) => store.putIfAbsent(key, content),
    list: (prefix) => store.list(prefix),
    delete: (keys) => store.delete(keys),
    put: async (key, content) => {
      if (isDown) throw new PlumbError('STORAGE_UNAVAILABLE', 'down');
      await store.put(key, content);
    },
  };
  const lease: Lease = await new StorageLeases({ store: flaky, termMillis: TERM_MILLIS }).acquire('apply', WORK);
  isDown = true;
  await sleep(TERM_MILLIS / 4);
  assert.equal(lease.signal.aborted, false);
  isDown = false;
  await lease.assertHeld();
  isDown = true;
  await until(() => lease.signal.aborted);
  assert.match((lease.signal.reason as Error).message, /could not be renewed for \d/);
  await lease[Symbol.asyncDispose]();
});

test('renewals keep a holder alive for longer than its term', async () => {
  const { leases } = world();
  await using lease = await leases.acquire('apply', WORK);
  await sleep(2 * TERM_MILLIS);
  assert.equal(lease.signal.aborted, false);
  await assert.rejects(leases.acquire('apply', WORK), isConflict(/counting/));
});

test('a contender that was paused behind several holders gets nothing and leaves nothing', async () => {
  const { leases, store } = world();
  await store.put(leaseKey('apply', 1), leaseBytes(foreign({ released: true })));
  using holders = new DisposableStack();
  // Between its look and its put two others held the lease, and the first of them was removed.
  const late = new StorageLeases({
    termMillis: TERM_MILLIS,
    store: {
      get: (key) => store.get(key),
      put: (key, content) => store.put(key, content),
      list: (prefix) => store.list(prefix),
      delete: (keys) => store.delete(keys),
      putIfAbsent: async (key, content) => {
        if (key === leaseKey('apply', 2)) {
          await store.put(leaseKey('apply', 3), leaseBytes(foreign()));
          holders.use(living(store, 'apply', 3));
        }
        return await store.putIfAbsent(key, content);
      },
    },
  });
  await assert.rejects(late.acquire('apply', WORK), isConflict(/painting/));
  assert.equal(await store.get(leaseKey('apply', 2)), null);
  await assert.rejects(leases.acquire('../x', WORK), TypeError);
});

test('a lease that is used once leaves nothing behind', async () => {
  const { leases, store } = world();
  const lease = await leases.acquire('dataset.1', { ...WORK, once: true });
  assert.equal((await leases.holders('dataset.')).length, 1);
  await lease[Symbol.asyncDispose]();
  assert.deepEqual(await store.list('leases/'), []);
});

test('waiting ends with the signal', async () => {
  const { leases, store } = world();
  await store.put(leaseKey('gc', 1), leaseBytes(foreign({ termMillis: 3_600_000 })));
  const code = (expected: string) => (error: unknown) => error instanceof PlumbError && error.code === expected;
  await assert.rejects(leases.acquire('gc', { ...WORK, signal: AbortSignal.timeout(50) }), code('CANCELLED'));
});

for (const damage of ['', '{}', '{"owner":', '[1]']) {
  test(`regression: a lease that is ${JSON.stringify(damage)} is taken once a term has passed in which nobody wrote it`, async () => {
    const { leases, store } = world();
    await store.put(leaseKey('gc', 1), Buffer.from(damage));
    const [holder] = await leases.holders('gc');
    assert.deepEqual([holder?.name, holder?.token, holder?.isDamaged], ['gc', 1, true]);
    const asked = performance.now();
    await using lease = await leases.acquire('gc', WORK);
    assert.ok(performance.now() - asked >= TERM_MILLIS * 0.95);
    assert.equal(lease.token, 2);
    assert.equal((await leases.holders('gc'))[0]?.isDamaged, undefined);
  });
}

test('regression: a damaged lease whose holder lives is its own: others are told', async () => {
  const { leases, store } = world();
  await store.put(leaseKey('gc', 1), Buffer.from('{'));
  const writing = setTimeout(() => void store.put(leaseKey('gc', 1), leaseBytes(foreign())), TERM_MILLIS / 5);
  await assert.rejects(leases.acquire('gc', WORK), isConflict(/has been|somebody writes/));
  clearTimeout(writing);
});
