import { after } from 'node:test';
import { RedisServer } from '../../servers/redis.ts';
import { onlineStoreContract } from './online-store.suite.ts';
import { redisStore } from './redis-store.ts';
import { streamStoreContract } from './stream-store.suite.ts';

const server = await RedisServer.start();
after(() => server[Symbol.asyncDispose]());

onlineStoreContract('redis', async () => redisStore(server.url));
streamStoreContract('redis', async () => redisStore(server.url));
