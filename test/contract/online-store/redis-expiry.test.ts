import { after } from 'node:test';
import { RedisServer } from '../../servers/redis.ts';
import { redisExpirySuite } from './redis-expiry.suite.ts';

const server = await RedisServer.start();
after(() => server[Symbol.asyncDispose]());

/** `test/long/redis-field-expiry.test.ts` has a server whose fields expire. */
redisExpirySuite('redis', server.url, false);
