// Rows and states on different servers: however late the rows come, the state is read behind them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { keySlot } from '../../../src/online/redis/cluster/key-slot.ts';
import {
  digestField,
  digestOf,
  fieldId,
  redisKeys,
  stateField,
  tokenBytes,
} from '../../../src/online/redis/redis-layout.ts';
import { textOf } from '../../contract/online-store/reading.ts';
import { newProject, redisStoreAt } from '../../contract/online-store/redis-store.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { FIELD, keysOf, run, VIEW } from './polling.ts';

const cluster = await RedisCluster.start({
  replicasEach: 0,
  nodeTimeoutMillis: 60_000,
  extra: ['--enable-debug-command', 'yes'],
});
after(() => cluster[Symbol.asyncDispose]());

test('a row that is written while a lookup waits for its server is seen with the state from before the row', async () => {
  const project = newProject();
  await using store = redisStoreAt({ urls: cluster.urls, project, commandTimeoutMillis: 20_000 });
  const keys = keysOf(50);
  await run(store, keys, 1);
  const { entityPrefix, states } = redisKeys(project);
  const ofStates = await cluster.masterOf(keySlot(states));
  const rowKey = (key: Buffer): Buffer => Buffer.concat([entityPrefix, key]);
  const owners = await Promise.all(keys.map((key) => cluster.masterOf(keySlot(rowKey(key)))));
  const index = owners.findIndex((owner) => owner !== ofStates);
  const [entity, ofRow] = [keys[index], owners[index]];
  assert.ok(entity !== undefined && ofRow !== undefined);
  const [rawRow, rawStates] = [new Redis(ofRow.port), new Redis(ofStates.port)];
  try {
    await Promise.all([rawRow.ping(), rawStates.ping()]);
    const record = Buffer.concat([tokenBytes(2n), Buffer.from([1]), Buffer.from('2')]);
    // In one write: the server sleeps, and stores the row before it looks at what others sent meanwhile.
    const slow = rawRow.pipeline().call('DEBUG', 'SLEEP', '5').hset(rowKey(entity), fieldId(FIELD), record).exec();
    await sleep(1_000);
    const reading = store.read([{ entities: [entity], fields: [FIELD] }], [VIEW]);
    await sleep(1_000);
    const next = Buffer.from('live 2');
    await rawStates.hset(states, stateField(VIEW), next, digestField(VIEW), digestOf(next));
    const { rows, states: read } = await reading;
    await slow;
    assert.deepEqual([textOf(rows[0]?.[0]?.[0]), textOf(read[0])], ['2', 'live 2']);
  } finally {
    rawRow.disconnect();
    rawStates.disconnect();
  }
});
