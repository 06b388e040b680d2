// What a row costs where it is kept: MEMORY USAGE of a Redis hash with this one field, and growth of an LMDB file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { encoderFor } from '../../src/online/entity-key.ts';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';

const FIELD = 'user_profile@0123456789abcdef-1';
const KEYS = encoderFor(['user'], [{ type: 'int64' }]);
/** Of the hashes that Redis is asked about. */
const SAMPLES = 200;

export interface RedisServer extends AsyncDisposable {
  /** Average bytes of a hash; its keys and values stay in listpacks up to `listpackValue` bytes. */
  hashBytes(rows: readonly Uint8Array[], listpackValue: number): Promise<number>;
}

export async function startRedis(folder: string): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const failed = once(server, 'error').then(([cause]) =>
    Promise.reject(new Error('redis-server is not there', { cause })),
  );
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: (times) => (times < 50 ? 100 : null),
  });
  client.on('error', () => {});
  await Promise.race([client.ping(), failed]);
  return {
    hashBytes: (rows, listpackValue) => hashBytes(client, rows, listpackValue),
    [Symbol.asyncDispose]: () => stop(client, server),
  };
}

async function hashBytes(client: Redis, rows: readonly Uint8Array[], listpackValue: number): Promise<number> {
  await client.flushall();
  await client.config('SET', 'hash-max-listpack-value', String(listpackValue));
  const sample = rows.slice(0, SAMPLES);
  const keyOf = (index: number): Buffer => Buffer.concat([Buffer.from('plumb:demo:'), KEYS.encode([BigInt(index)])]);
  let bytes = 0;
  for (const [index, row] of sample.entries()) {
    await client.hset(keyOf(index), FIELD, Buffer.from(row));
    bytes += Number(await client.call('MEMORY', 'USAGE', keyOf(index), 'SAMPLES', '0'));
  }
  return bytes / sample.length;
}

async function stop(client: Redis, server: ChildProcess): Promise<void> {
  client.disconnect();
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Bytes of the file per row, once all rows are in it; keys ascend, as a materialization writes them. */
export async function lmdbBytes(folder: string, rows: readonly Uint8Array[]): Promise<number> {
  const path = await mkdtemp(join(folder, 'lmdb-'));
  try {
    await using store = await LmdbOnlineStore.open(path, 'bench');
    const before = await sizeOf(path);
    const writes = rows.map((row, index) => ({ entity: KEYS.encode([BigInt(index)]), row }));
    for (let from = 0; from < writes.length; from += 5_000) {
      await store.writeRows(FIELD, 1n, writes.slice(from, from + 5_000));
    }
    return ((await sizeOf(path)) - before) / rows.length;
  } finally {
    await rm(path, { recursive: true });
  }
}

const sizeOf = async (folder: string): Promise<number> => (await stat(join(folder, 'data.mdb'))).size;
