// On a Redis whose hashes have fields that expire: the whole contract, and the fields.
import { after, test } from 'node:test';
import { onlineStoreContract } from '../contract/online-store/online-store.suite.ts';
import { redisExpirySuite } from '../contract/online-store/redis-expiry.suite.ts';
import { redisStore } from '../contract/online-store/redis-store.ts';
import { RedisServer } from '../servers/redis.ts';
import { redisWithFieldExpiry } from '../servers/redis-with-field-expiry.ts';

const binary = await redisWithFieldExpiry();
if (binary === null) {
  test('a Redis whose fields expire', { skip: 'none can be installed: name one in PLUMB_TEST_REDIS_8_SERVER' });
} else {
  const server = await RedisServer.start({ binary });
  after(() => server[Symbol.asyncDispose]());
  redisExpirySuite('redis 8', server.url, true);
  onlineStoreContract('redis 8', async () => redisStore(server.url));
}
