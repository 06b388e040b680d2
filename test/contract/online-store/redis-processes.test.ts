// Several processes on one Redis.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RedisServer } from '../../servers/redis.ts';
import { rowsOf, stateOf, textOf } from './reading.ts';
import { FIELD, INCREMENTS, KEYS, ROUNDS, tokenOf, VIEW, WRITERS } from './redis-child.ts';
import { redisStore } from './redis-store.ts';

const server = await RedisServer.start();
after(() => server[Symbol.asyncDispose]());

async function run(project: string, role: 'write' | 'increment', number: number): Promise<void> {
  const args = [join(import.meta.dirname, 'redis-child.ts'), server.url, project, role, String(number)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
}

test('of rows that several processes write with tokens in any order, the greatest token stays for every key', async () => {
  await using store = redisStore(server.url, { project: 'fenced' });
  let isWriting = true;
  const greatest = KEYS.map(() => 0n);
  const watch = async (): Promise<void> => {
    while (isWriting) {
      for (const [index, [row]] of (await rowsOf(store, KEYS, [FIELD])).entries()) {
        const token = BigInt(textOf(row) ?? 0);
        assert.ok(token >= (greatest[index] ?? 0n), `key ${index} went back from ${greatest[index]} to ${token}`);
        greatest[index] = token;
      }
      await new Promise(setImmediate);
    }
  };
  const watching = watch();
  await Promise.all(Array.from({ length: WRITERS }, (_value, writer) => run('fenced', 'write', writer)));
  isWriting = false;
  await watching;
  const tokens = Array.from({ length: WRITERS * ROUNDS }, (_value, i) => tokenOf(i % WRITERS, Math.floor(i / WRITERS)));
  const last = tokens.toSorted((a, b) => (a < b ? -1 : 1)).at(-1);
  const stored = new Set((await rowsOf(store, KEYS, [FIELD])).map(([row]) => textOf(row)));
  assert.deepEqual([...stored], [`${last}`]);
});

test('of racing compare-and-sets in several processes none is lost', async () => {
  await using store = redisStore(server.url, { project: 'race' });
  await Promise.all([1, 2, 3].map((number) => run('race', 'increment', number)));
  assert.equal(textOf(await stateOf(store, VIEW)), String(3 * INCREMENTS));
});

test('rows that arrive while another process drops their field can still be dropped', async () => {
  await using writer = redisStore(server.url, { project: 'dropped' });
  await using dropper = redisStore(server.url, { project: 'dropped' });
  let isWriting = true;
  const drop = async (): Promise<void> => {
    while (isWriting) await dropper.dropField(FIELD);
  };
  const dropping = drop();
  const writes = KEYS.map((entity) => ({ entity, row: Buffer.from('x') }));
  for (let round = 0; round < 20; round += 1) await writer.writeRows(FIELD, 1n, writes);
  isWriting = false;
  await dropping;
  if ((await dropper.listFields()).length === 0)
    assert.equal((await rowsOf(writer, KEYS, [FIELD])).flat().filter(Boolean).length, 0);
  await dropper.dropField(FIELD);
  assert.equal((await rowsOf(writer, KEYS, [FIELD])).flat().filter(Boolean).length, 0);
});
