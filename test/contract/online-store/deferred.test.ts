// A store that is opened by its first use keeps the contract of the one that it opens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { DeferredOnlineStore } from '../../../src/online/deferred-online-store.ts';
import { MemoryOnlineStore } from '../../../src/online/memory/memory-online-store.ts';
import { until } from '../../waiting.ts';
import { onlineStoreContract } from './online-store.suite.ts';
import { streamStoreContract } from './stream-store.suite.ts';

onlineStoreContract('deferred', async () => new DeferredOnlineStore(async () => new MemoryOnlineStore()));
streamStoreContract('deferred', async () => new DeferredOnlineStore(async () => new MemoryOnlineStore()));

/** Opens once `state.isThere`. */
function world() {
  const state = { isThere: true, attempts: 0, closed: 0 };
  const open = async (): Promise<MemoryOnlineStore> => {
    state.attempts += 1;
    if (!state.isThere) throw new PlumbError('STORE_UNAVAILABLE', 'not mounted');
    return Object.assign(new MemoryOnlineStore(), { [Symbol.asyncDispose]: async () => void state.closed++ });
  };
  return { state, store: new DeferredOnlineStore(open) };
}

test('nothing is opened before the first use, and one thing however many use it', async () => {
  const { state, store } = world();
  assert.equal(state.attempts, 0);
  await Promise.all([store.ping(), store.read([], []), store.listFields(), store.ping()]);
  assert.equal(state.attempts, 1);
  await store[Symbol.asyncDispose]();
  assert.equal(state.closed, 1);
});

test('one that was never used has nothing to close', async () => {
  const { state, store } = world();
  await store[Symbol.asyncDispose]();
  assert.deepEqual(state, { isThere: true, attempts: 0, closed: 0 });
});

test('what cannot be opened is told to all, and tried again after a pause, not with every call', async () => {
  const { state, store } = world();
  state.isThere = false;
  const start = performance.now();
  for (let calls = 0; calls < 20; calls += 1)
    await assert.rejects(calls % 2 === 0 ? store.ping() : store.read([], []), /not mounted/);
  // The first pause, the shortest, is of 25 ms at least; timers may come a little early.
  const most = 1 + (performance.now() - start) / 20;
  assert.ok(state.attempts <= most, `${state.attempts} attempts, expected ${most}`);
  state.isThere = true;
  await until(() => answers(store));
  await store[Symbol.asyncDispose]();
  assert.equal(state.closed, 1);
});

const answers = (store: DeferredOnlineStore): Promise<boolean> =>
  store.ping().then(
    () => true,
    () => false,
  );
