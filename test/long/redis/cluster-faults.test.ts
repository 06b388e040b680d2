// A real Cluster whose servers are killed, stand still, lose what they acknowledged, and hand slots over, under traffic:
// never a wrong answer, never a lost row that nobody notices.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import { UNREACHABLE } from '../../../src/online/online-store.ts';
import { keySlot } from '../../../src/online/redis/cluster/key-slot.ts';
import { redisKeys } from '../../../src/online/redis/redis-layout.ts';
import { stateOf, textOf } from '../../contract/online-store/reading.ts';
import { newProject, redisStoreAt } from '../../contract/online-store/redis-store.ts';
import type { RedisServer } from '../../servers/redis.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { eventually } from '../../waiting.ts';
import { FIELD, fails, inBackground, keysOf, rowsFor, run, textsOf, VIEW } from './polling.ts';

/** Longer than a busy machine stands still, and than a lookup may take that waits for no fail-over. */
const NODE_TIMEOUT_MILLIS = 4_000;
const cluster = await RedisCluster.start({ nodeTimeoutMillis: NODE_TIMEOUT_MILLIS, persistent: true });
after(() => cluster[Symbol.asyncDispose]());
const fresh = await cluster.addMaster({ nodeTimeoutMillis: NODE_TIMEOUT_MILLIS });
after(() => fresh[Symbol.asyncDispose]());

const KEYS = keysOf(600);
const storeOf = (project: string, over: Parameters<typeof redisStoreAt>[0] = {}) =>
  redisStoreAt({ urls: cluster.urls.slice(0, 3), project, commandTimeoutMillis: 2_000, ...over });
const slotIn = (project: string, entity: Buffer): number =>
  keySlot(Buffer.concat([redisKeys(project).entityPrefix, entity]));
const statesSlot = (project: string): number => keySlot(redisKeys(project).states);

/** Keys of a project whose states lie on another server than they do: by server. */
async function shards(project: string) {
  const ofKey = await Promise.all(KEYS.map((key) => cluster.masterOf(slotIn(project, key))));
  const states = await cluster.masterOf(statesSlot(project));
  const other = ofKey.find((server) => server !== states) as RedisServer;
  return { states, other, isOn: (server: RedisServer) => KEYS.filter((_key, index) => ofKey[index] === server) };
}

const replicaOf = async (master: RedisServer): Promise<RedisServer> => {
  for (const node of cluster.nodes)
    if (new RegExp(`master_port:${master.port}\r`).test(await node.command('INFO replication').catch(() => '')))
      return node;
  throw new Error('it has no replica');
};

/** Each master has its replica, which follows it, and every server shows all of them. */
async function healed(): Promise<void> {
  await cluster.isWell();
  await eventually(async () => {
    const masters = await Promise.all([0, 6_000, 12_000].map((slot) => cluster.masterOf(slot)));
    for (const master of masters) assert.match(await master.command('INFO replication'), /^slave0:.*state=online/m);
    for (const node of cluster.nodes) {
      assert.doesNotMatch(await node.command('CLUSTER NODES'), /fail|disconnected/);
      const slots = await node.command('CLUSTER SLOTS');
      for (const { port } of cluster.nodes) assert.match(slots, new RegExp(`:${port}\\r\\n`));
    }
  });
}

for (const how of ['killed', 'standing still'] as const) {
  test(`a master ${how}: its rows are away for a while and the others are not; then its replica serves them`, async () => {
    const project = newProject();
    await using store = storeOf(project, { commandTimeoutMillis: 1_500 });
    await using patient = storeOf(project);
    await run(patient, KEYS, 1);
    const { other, isOn } = await shards(project);
    const lost = new Set(isOn(other));
    const tally = { whole: 0, refused: 0, partial: 0, longestMillis: 0 };
    const whole = inBackground(async () => {
      const start = performance.now();
      try {
        assert.ok((await textsOf(store, KEYS)).every((text) => text === '1'));
        tally.whole += 1;
      } catch (error) {
        fails('STORE_UNAVAILABLE', /./)(error);
        tally.refused += 1;
        tally.longestMillis = Math.max(tally.longestMillis, performance.now() - start);
        await sleep(5);
      }
    });
    const partial = inBackground(async () => {
      const { rows, states } = await store.readPartially([{ entities: KEYS, fields: [FIELD] }], [VIEW]);
      assert.equal(textOf(states[0]), 'live 1');
      const away = KEYS.filter((_key, index) => rows[0]?.[index]?.[0] === UNREACHABLE);
      assert.ok(away.every((key) => lost.has(key)));
      const rest = (rows[0] ?? []).filter(([row]) => row !== UNREACHABLE);
      assert.ok(rest.every(([row]) => textOf(row) === '1'));
      if (away.length > 0) tally.partial += 1;
    });
    await eventually(async () => assert.ok(tally.whole > 3));
    if (how === 'killed') await other.kill();
    else other.freeze();
    try {
      await eventually(async () => assert.ok(tally.refused > 3 && tally.partial > 3, JSON.stringify(tally)));
      const before = tally.whole;
      await eventually(async () => assert.ok(tally.whole > before + 3, JSON.stringify(tally)));
      await Promise.all([whole.stop(), partial.stop()]);
      assert.ok(tally.longestMillis < 3_500, JSON.stringify(tally));
      await run(patient, KEYS, 2);
    } finally {
      // The tests below have the same Cluster.
      if (how === 'killed') await other.start();
      else other.unfreeze();
    }
    await healed();
    assert.ok((await textsOf(store, KEYS)).every((text) => text === '2'));
  });
}

test('a replica that had not heard of the last rows takes over in the middle of a run: it cannot go live', async () => {
  const project = newProject();
  await using store = storeOf(project);
  await run(store, KEYS, 1);
  const { other, isOn } = await shards(project);
  const replica = await replicaOf(other);
  assert.equal(await store.writeState(VIEW, Buffer.from('live 1'), Buffer.from('claim 2')), true);
  replica.freeze();
  // What the master would send now would wait in the replica's socket.
  await other.command('CLIENT KILL TYPE replica');
  await store.writeRows(FIELD, 2n, rowsFor(KEYS, '2'));
  await other.kill();
  replica.unfreeze();
  await eventually(async () => assert.ok((await textsOf(store, isOn(other))).every((text) => text === '1')));
  const live = store.writeState(VIEW, Buffer.from('claim 2'), Buffer.from('live 2'));
  await assert.rejects(live, fails('STORE_UNAVAILABLE', /restarted while rows of v were written, and may have lost/));
  assert.equal(textOf(await stateOf(store, VIEW)), 'claim 2');
  await other.start();
  await healed();
  await run(store, KEYS, 3);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '3'));
});

test('a run goes live only when a replica of each server has its rows', async () => {
  const project = newProject();
  await using store = storeOf(project);
  await run(store, KEYS, 1);
  const { other } = await shards(project);
  const replica = await replicaOf(other);
  assert.equal(await store.writeState(VIEW, Buffer.from('live 1'), Buffer.from('claim 2')), true);
  replica.freeze();
  try {
    await store.writeRows(FIELD, 2n, rowsFor(KEYS, '2'));
    const live = store.writeState(VIEW, Buffer.from('claim 2'), Buffer.from('live 2'));
    await assert.rejects(live, fails('STORE_UNAVAILABLE', /0 of its replicas had what was written .*expected 1/));
    assert.equal(textOf(await stateOf(store, VIEW)), 'claim 2');
  } finally {
    replica.unfreeze();
  }
  await healed();
  assert.equal(await store.writeState(VIEW, Buffer.from('claim 2'), Buffer.from('live 2')), true);
});

test('slots change servers during a run and under lookups: no row is lost, none is missing', async () => {
  const project = newProject();
  await using store = storeOf(project);
  await using other = storeOf(project);
  await run(store, KEYS, 1);
  const { other: from, isOn } = await shards(project);
  const slots = [...new Set(isOn(from).map((key) => slotIn(project, key)))].slice(0, 60);
  let reads = 0;
  const lookups = inBackground(async () => {
    const texts = await textsOf(other, KEYS);
    assert.ok(
      texts.every((text) => text === '1' || text === '2' || text === '3'),
      'a row is missing',
    );
    reads += 1;
  });
  assert.equal(await store.writeState(VIEW, Buffer.from('live 1'), Buffer.from('claim 2')), true);
  const moving = cluster.moveSlots(slots, from, fresh, 3);
  let isMoving = true;
  const moved = moving.finally(() => {
    isMoving = false;
  });
  let rounds = 0;
  for (; isMoving; rounds += 1) await store.writeRows(FIELD, 2n, rowsFor(KEYS, '2'));
  await moved;
  await store.writeRows(FIELD, 2n, rowsFor(KEYS, '2'));
  assert.equal(await store.writeState(VIEW, Buffer.from('claim 2'), Buffer.from('live 2')), true);
  await lookups.stop();
  assert.ok(rounds > 1 && reads > 3, JSON.stringify({ rounds, reads }));
  assert.ok((await textsOf(other, KEYS)).every((text) => text === '2'));

  const back = cluster.moveSlots(slots, fresh, from, 1);
  await store.dropField(FIELD);
  await back;
  await eventually(async () => {
    await store.dropField(FIELD);
    assert.deepEqual(await store.listFields(), []);
  });
  assert.ok((await textsOf(other, KEYS)).every((text) => text === null));
});

test('a script on several keys of a slot that is on its way is done key by key', async () => {
  const project = newProject();
  await using store = storeOf(project);
  const tagged = Array.from({ length: 40 }, (_value, index) => Buffer.from(`{tag}${index}`));
  await store.writeRows(FIELD, 1n, rowsFor(tagged, '1'));
  const slot = slotIn(project, tagged[0] as Buffer);
  const from = await cluster.masterOf(slot);
  const moving = cluster.moveSlots([slot], from, fresh, 150);
  await sleep(200);
  const { written } = await store.writeRows(FIELD, 2n, rowsFor(tagged, '2'));
  assert.equal(written, tagged.length);
  assert.ok((await textsOf(store, tagged)).every((text) => text === '2'));
  await moving;
  assert.ok((await textsOf(store, tagged)).every((text) => text === '2'));
  await cluster.moveSlots([slot], fresh, from);
});

test('a shard without any server: refused, or in part; states of a moment ago serve while theirs are away', async () => {
  const project = newProject();
  await using store = storeOf(project);
  await run(store, KEYS, 1);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '1'));
  const { states, isOn } = await shards(project);
  const replica = await replicaOf(states);
  const lost = isOn(states);
  await replica.kill();
  await states.kill();
  await assert.rejects(textsOf(store, KEYS), fails('STORE_UNAVAILABLE', /does not answer|no server has slot/));
  const { rows, states: known, tokens } = await store.readPartially([{ entities: KEYS, fields: [FIELD] }], [VIEW]);
  assert.equal(textOf(known[0]), 'live 1');
  for (const [index, key] of KEYS.entries()) {
    const row = rows[0]?.[index]?.[0];
    if (lost.includes(key)) assert.equal(row, UNREACHABLE);
    else assert.deepEqual([textOf(row), tokens?.[0]?.[index]?.[0]], ['1', 1n]);
  }
  await using newcomer = storeOf(project);
  const ignorant = newcomer.readPartially([{ entities: KEYS, fields: [FIELD] }], [VIEW]);
  await assert.rejects(ignorant, fails('STORE_UNAVAILABLE', /./));
  const health = store.health();
  assert.ok(health.some(({ breaker }) => breaker === 'open') && health.some(({ isConnected }) => isConnected));
  await states.start();
  await replica.start();
  await healed();
  await eventually(async () => assert.ok((await textsOf(store, KEYS)).every((text) => text === '1')));
});

test('the whole Cluster restarts: with its data, and empty', async () => {
  const project = newProject();
  await using store = storeOf(project);
  await run(store, KEYS, 1);
  const restart = async (): Promise<void> => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await assert.rejects(textsOf(store, KEYS), (error) => error instanceof PlumbError && error.retryable);
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await healed();
  };
  await restart();
  await eventually(async () => assert.ok((await textsOf(store, KEYS)).every((text) => text === '1')));
  assert.equal(textOf(await stateOf(store, VIEW)), 'live 1');
  for (const slot of [0, 6_000, 12_000]) await (await cluster.masterOf(slot)).command('FLUSHALL');
  await restart();
  await eventually(async () => assert.equal(await stateOf(store, VIEW), null));
  await run(store, KEYS, 2);
  assert.ok((await textsOf(store, KEYS)).every((text) => text === '2'));
});

test('examine tells of each server, of what may drop rows, and of slots that nobody has', async () => {
  const project = newProject();
  await using store = storeOf(project);
  // A server shows a replica once it has heard how far it is.
  await eventually(async () => assert.deepEqual((await store.examine()).dangers, []));
  const whole = await store.examine();
  assert.match(
    whole.found,
    /^redis \d\S* at (127\.0\.0\.1:\d+(, )?){3,4} answer(; hash-max-listpack-value is 64, .*)?$/,
  );
  const master = await cluster.masterOf(0);
  await master.command('CONFIG SET maxmemory-policy allkeys-lru');
  try {
    const [danger] = (await store.examine()).dangers;
    assert.match(danger?.found ?? '', new RegExp(`127.0.0.1:${master.port} is allkeys-lru`));
  } finally {
    await master.command('CONFIG SET maxmemory-policy noeviction');
  }
});
