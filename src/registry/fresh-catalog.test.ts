import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../catalog/catalog.ts';
import { freshCatalog } from './fresh-catalog.ts';

const empty = { entities: new Map(), sources: new Map(), views: new Map(), services: new Map() };
const catalog = (version: number): Catalog => ({ project: 'p', version, ...empty });

function world() {
  const state = { version: 1, reads: 0, nowMillis: 0, failure: null as Error | null, stale: 0, fresh: 0 };
  const registry = {
    current: async () => {
      state.reads++;
      if (state.failure !== null) throw state.failure;
      return catalog(state.version);
    },
  };
  const logger = { warn: () => void state.stale++, info: () => void state.fresh++ };
  const options = { maxAgeMillis: 500, nowMillis: () => state.nowMillis, logger };
  return { state, provider: freshCatalog(registry, options) };
}

test('a new version shows once the known one is old', async () => {
  const { state, provider } = world();
  await provider.current();
  state.version = 2;
  state.nowMillis = 499;
  assert.equal((await provider.current()).version, 1);
  state.nowMillis = 500;
  assert.equal((await provider.current()).version, 2);
  assert.equal(state.reads, 2);
});

test('many at once read once', async () => {
  const { state, provider } = world();
  await Promise.all(Array.from({ length: 10 }, () => provider.current()));
  assert.equal(state.reads, 1);
});

test('while the storage is slow the known version is served at once, and the newer one as soon as it is read', async () => {
  const state = { version: 1, nowMillis: 0, reads: 0 };
  const slow = Promise.withResolvers<void>();
  const registry = {
    current: async () => {
      state.reads++;
      if (state.reads > 1) await slow.promise;
      return catalog(state.version);
    },
  };
  const provider = freshCatalog(registry, { maxAgeMillis: 500, maxWaitMillis: 5, nowMillis: () => state.nowMillis });
  await provider.current();
  state.version = 2;
  state.nowMillis = 1000;
  assert.equal((await provider.current()).version, 1);
  assert.equal((await provider.current()).version, 1);
  assert.equal(state.reads, 2);
  slow.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await provider.current()).version, 2);
});

test('where nothing is known a failure is told, and tried again; where something is, it is kept', async () => {
  const { state, provider } = world();
  state.failure = new Error('away');
  await assert.rejects(provider.current(), /away/);
  state.failure = null;
  assert.equal((await provider.current()).version, 1);
  state.failure = new Error('away');
  state.nowMillis = 1000;
  assert.equal((await provider.current()).version, 1);
  assert.equal(state.stale, 1);
});

test('a reason for staleness is told once, however often it is met, and its end too', async () => {
  const { state, provider } = world();
  await provider.current();
  for (const failure of ['away', 'away', 'away', 'denied', 'denied', null, null, 'denied']) {
    state.failure = failure === null ? null : new Error(failure);
    state.nowMillis += 1000;
    assert.equal((await provider.current()).version, 1);
  }
  assert.deepEqual([state.stale, state.fresh], [3, 1]);
});

test('nobody waits for a reading that has been slow for long; where nothing is known, some seconds and no longer', async () => {
  let nowMillis = 0;
  const never = new Promise<Catalog>(() => {});
  const answers: Promise<Catalog>[] = [Promise.resolve(catalog(1)), never];
  const registry = { current: () => answers.shift() ?? never };
  const options = { maxAgeMillis: 500, maxWaitMillis: 200, maxFirstWaitMillis: 5, nowMillis: () => nowMillis };
  const provider = freshCatalog(registry, options);
  await provider.current();
  nowMillis = 1_000;
  const first = provider.current();
  nowMillis = 1_200;
  assert.equal(await Promise.race([provider.current(), first.then(() => null)]).then((found) => found?.version), 1);
  const ignorant = freshCatalog({ current: () => never }, options);
  await assert.rejects(ignorant.current(), { code: 'STORAGE_UNAVAILABLE', message: /could not be read so far/ });
});
