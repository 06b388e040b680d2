import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RedisServer } from '../../servers/redis.ts';
import { redisExpirySuite } from './redis-expiry.suite.ts';
import { redisStore } from './redis-store.ts';

const server = await RedisServer.start();
after(() => server[Symbol.asyncDispose]());

/** `test/long/redis-field-expiry.test.ts` has a server whose fields expire. */
redisExpirySuite('redis', server.url, false);

test('a policy that drops keys which expire is a danger too', async () => {
  await using store = redisStore(server.url);
  for (const [policy, isDangerous] of [
    ['noeviction', false],
    ['volatile-ttl', true],
    ['allkeys-lru', true],
  ] as const) {
    await server.command(`CONFIG SET maxmemory-policy ${policy}`);
    const { dangers } = await store.examine();
    assert.equal(
      dangers.some(({ found }) => found.includes(policy)),
      isDangerous,
      policy,
    );
  }
  await server.command('CONFIG SET maxmemory-policy noeviction');
});
