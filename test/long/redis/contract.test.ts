// The contract of the online store on a Cluster and behind Sentinels, on real servers.
import { after } from 'node:test';
import { onlineStoreContract } from '../../contract/online-store/online-store.suite.ts';
import { redisStoreAt } from '../../contract/online-store/redis-store.ts';
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
