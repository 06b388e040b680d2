// The contract of the online store on a Cluster and behind Sentinels, on real servers.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onlineStoreContract } from '../../contract/online-store/online-store.suite.ts';
import { redisStoreAt } from '../../contract/online-store/redis-store.ts';
import { streamStoreContract } from '../../contract/online-store/stream-store.suite.ts';
import { RedisCluster } from '../../servers/redis-cluster.ts';
import { MASTER_NAME, RedisSentinels } from '../../servers/redis-sentinel.ts';

const cluster = await RedisCluster.start();
after(() => cluster[Symbol.asyncDispose]());
const sentinels = await RedisSentinels.start();
after(() => sentinels[Symbol.asyncDispose]());

onlineStoreContract('Redis Cluster', async () => redisStoreAt({ urls: cluster.urls }));
onlineStoreContract('Redis Sentinel', async () =>
  redisStoreAt({ urls: sentinels.urls, sentinel: { master: MASTER_NAME } }),
);
streamStoreContract('Redis Sentinel', async () =>
  redisStoreAt({ urls: sentinels.urls, sentinel: { master: MASTER_NAME } }),
);

test('Redis Cluster takes no streams', async () => {
  await using store = redisStoreAt({ urls: cluster.urls });
  await assert.rejects(store.streams().listSentinels(), { code: 'NOT_SUPPORTED' });
});
