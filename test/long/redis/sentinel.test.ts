// A real master with a replica and three Sentinels: fail-overs under lookups and in the middle of runs, passwords.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { UNREACHABLE } from '../../../src/online/online-store.ts';
import { stateOf, textOf } from '../../contract/online-store/reading.ts';
import { newProject, redisStoreAt } from '../../contract/online-store/redis-store.ts';
import { MASTER_NAME, type RedisSentinelOptions, RedisSentinels } from '../../servers/redis-sentinel.ts';
import { eventually } from '../../waiting.ts';
import { FIELD, fails, inBackground, keysOf, rowsFor, run, textsOf, VIEW } from './polling.ts';

const KEYS = keysOf(200);

async function newSentinels(options: RedisSentinelOptions = {}): Promise<RedisSentinels> {
  // Longer than a busy machine stands still, and than a lookup may take that waits for no fail-over.
  const sentinels = await RedisSentinels.start({ downAfterMillis: 6_000, ...options });
  after(() => sentinels[Symbol.asyncDispose]());
  return sentinels;
}

const storeOf = ({ urls }: Pick<RedisSentinels, 'urls'>, over: Parameters<typeof redisStoreAt>[0] = {}) =>
  redisStoreAt({
    urls,
    sentinel: { master: MASTER_NAME },
    commandTimeoutMillis: 1_000,
    project: newProject(),
    ...over,
  });

for (const how of ['killed', 'standing still'] as const) {
  test(`the master is ${how}: lookups fail at once and then go to the new one`, async () => {
    const sentinels = await newSentinels();
    await using store = storeOf(sentinels);
    await run(store, KEYS, 1);
    const tally = { answered: 0, refused: 0, partial: 0, longestMillis: 0 };
    const lookups = inBackground(async () => {
      const start = performance.now();
      try {
        assert.ok((await textsOf(store, KEYS)).every((text) => text === '1'));
        tally.answered += 1;
      } catch (error) {
        fails('STORE_UNAVAILABLE', /./)(error);
        tally.refused += 1;
        tally.longestMillis = Math.max(tally.longestMillis, performance.now() - start);
        const { rows, states } = await store.readPartially([{ entities: KEYS, fields: [FIELD] }], [VIEW]);
        assert.equal(textOf(states[0]), 'live 1');
        if (rows[0]?.every(([row]) => row === UNREACHABLE)) tally.partial += 1;
        await sleep(5);
      }
    });
    await eventually(async () => assert.ok(tally.answered > 3));
    const master = await sentinels.master();
    if (how === 'killed') await master.kill();
    else master.freeze();
    await eventually(async () => assert.ok(tally.refused > 3 && tally.partial > 3, JSON.stringify(tally)));
    const before = tally.answered;
    await eventually(async () => assert.ok(tally.answered > before + 3, JSON.stringify(tally)));
    // Sentinels learn of the new master one after another, the one that is asked perhaps last.
    await eventually(async () => assert.notEqual(await sentinels.master(), master));
    await lookups.stop();
    await run(store, KEYS, 2);
    assert.ok(tally.longestMillis < 5_000, JSON.stringify(tally));
    if (how === 'standing still') {
      // It still believes that it is the master, until the Sentinels tell it otherwise.
      master.unfreeze();
      await using another = storeOf(sentinels);
      await another.ping();
      await eventually(async () => assert.match(await master.command('INFO replication'), /role:slave/));
    }
    await run(store, KEYS, 3);
    assert.ok((await textsOf(store, KEYS)).every((text) => text === '3'));
  });
}

test('a fail-over in the middle of a run: it cannot go live, the next one can', async () => {
  const sentinels = await newSentinels();
  await using store = storeOf(sentinels);
  await run(store, KEYS, 1);
  const master = await sentinels.master();
  const replica = sentinels.servers.find((server) => server !== master);
  assert.equal(await store.writeState(VIEW, Buffer.from('live 1'), Buffer.from('claim 2')), true);
  replica?.freeze();
  await master.command('CLIENT KILL TYPE replica');
  await store.writeRows(FIELD, 2n, rowsFor(KEYS, '2'));
  await master.kill();
  replica?.unfreeze();
  await eventually(async () => assert.ok((await textsOf(store, KEYS)).every((text) => text === '1')));
  const live = store.writeState(VIEW, Buffer.from('claim 2'), Buffer.from('live 2'));
  await assert.rejects(live, fails('STORE_UNAVAILABLE', /restarted while rows of v were written, and may have lost/));
  assert.equal(textOf(await stateOf(store, VIEW)), 'claim 2');
  await run(store, KEYS, 3);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '3'));
});

test('regression: news of a fail-over while a Sentinel is asked for the master does not end the connection for ever', async () => {
  const sentinels = await newSentinels({ downAfterMillis: 10_000 });
  await using store = storeOf(sentinels, { commandTimeoutMillis: 4_000 });
  await run(store, KEYS, 1);
  const master = await sentinels.master();
  const [asked, another] = sentinels.sentinels;
  // The one that is asked first takes its time; meanwhile the others tell of another master.
  asked?.freeze();
  await master.command('CLIENT KILL TYPE normal SKIPME yes');
  await sleep(200);
  assert.match((await another?.command(`SENTINEL FAILOVER ${MASTER_NAME}`)) ?? '', /OK/);
  await eventually(async () =>
    assert.doesNotMatch(
      (await another?.command(`SENTINEL GET-MASTER-ADDR-BY-NAME ${MASTER_NAME}`)) ?? '',
      new RegExp(`\\r\\n${master.port}\\r`),
    ),
  );
  await sleep(500);
  asked?.unfreeze();
  await eventually(async () => assert.ok((await textsOf(store, KEYS)).every((text) => text === '1')));
});

test('the Sentinels go: the master is served from as before', async () => {
  const sentinels = await newSentinels();
  await using store = storeOf(sentinels);
  await run(store, KEYS, 1);
  for (const sentinel of sentinels.sentinels) await sentinel.kill();
  await sleep(300);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '1'));
  await using late = storeOf(sentinels, { connectTimeoutMillis: 1_000 });
  await assert.rejects(
    late.ping(),
    fails('STORE_UNAVAILABLE', /No Redis Sentinel leads to mymaster of the Sentinels 127/),
  );
  await sentinels.sentinels[2]?.start();
  await eventually(() => late.ping());
});

test('waitReplicas behind Sentinels: a state that no replica has is told', async () => {
  const sentinels = await newSentinels({ downAfterMillis: 10_000 });
  await using store = storeOf(sentinels, { waitReplicas: 1, commandTimeoutMillis: 4_000 });
  await run(store, KEYS, 1);
  const replica = sentinels.servers[1];
  replica?.freeze();
  const write = store.writeState(VIEW, Buffer.from('live 1'), Buffer.from('claim 2'));
  await assert.rejects(write, fails('STORE_UNAVAILABLE', /0 of its replicas had what was written .* expected 1/));
  replica?.unfreeze();
});

test('passwords of Redis and of the Sentinels are two; wrong ones and a wrong name are told, and shown nowhere', async () => {
  const sentinels = await newSentinels({ password: 's3cret', sentinelPassword: 'hunter2', downAfterMillis: 10_000 });
  const urls = sentinels.urls.map((url) => url.replace('//', '//:s3cret@'));
  const sentinel = { master: MASTER_NAME, password: 'hunter2' };
  await using store = storeOf({ urls }, { sentinel });
  await run(store, KEYS, 1);
  assert.match((await store.examine()).found, /^redis \S+ at mymaster of the Sentinels 127\.0\.0\.1:\d+/);
  const silent = (error: unknown): boolean => {
    assert.doesNotMatch(`${JSON.stringify(error)} ${(error as Error).stack}`, /s3cret|hunter|wr0ng/);
    return true;
  };
  await using wrongSentinel = storeOf({ urls }, { sentinel: { ...sentinel, password: 'wr0ngpass' } });
  await assert.rejects(wrongSentinel.ping(), (error) => {
    fails('INVALID_CONFIG', /The Sentinels of mymaster .* refuse us .*WRONGPASS.*online\.sentinel\.password/)(error);
    return silent(error);
  });
  await using wrongRedis = storeOf(
    { urls: sentinels.urls.map((url) => url.replace('//', '//:wr0ngpass@')) },
    { sentinel },
  );
  await assert.rejects(wrongRedis.ping(), (error) => {
    fails('INVALID_CONFIG', /refuses us \(WRONGPASS/)(error);
    return silent(error);
  });
  await using unknown = storeOf({ urls }, { sentinel: { ...sentinel, master: 'other' } });
  await assert.rejects(
    unknown.ping(),
    fails('INVALID_CONFIG', /know no master of that name.*online\.sentinel\.master/),
  );
});
