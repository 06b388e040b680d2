// The floor under a materialization into Redis: the hashes that are there, read, deleted, and written again by a bare
// ioredis pipeline of HSETs with the same keys, fields and bytes. Prints rows and seconds of the writing.
//   node hset-floor.ts URL
import { Redis } from 'ioredis';

interface Row {
  readonly key: Buffer;
  readonly fields: readonly Buffer[];
}

/** HSETs per pipeline, and pipelines on their way at once: neither side waits for the other. */
const BATCH = 1_000;
const PIPELINES = 4;

const redis = new Redis(process.argv[2] ?? '');
const rows = await readHashes();
await redis.flushall();
const start = process.hrtime.bigint();
await writeAll(rows);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const bytes = rows.reduce((sum, { fields }) => sum + fields.reduce((size, field) => size + field.length, 0), 0);
process.stdout.write(`${JSON.stringify({ rows: rows.length, bytes, seconds })}\n`);
await redis.quit();

async function readHashes(): Promise<readonly Row[]> {
  const found: Row[] = [];
  let cursor = '0';
  do {
    const [next, keys]: [Buffer, Buffer[]] = await redis.scanBuffer(cursor, 'COUNT', BATCH, 'TYPE', 'hash');
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.callBuffer('HGETALL', key);
    for (const [i, [error, fields]] of ((await pipeline.exec()) ?? []).entries()) {
      if (error !== null) throw error;
      found.push({ key: keys[i] as Buffer, fields: fields as Buffer[] });
    }
    cursor = next.toString();
  } while (cursor !== '0');
  return found;
}

async function writeAll(all: readonly Row[]): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < all.length) {
      const pipeline = redis.pipeline();
      for (const { key, fields } of all.slice(next, next + BATCH)) pipeline.hset(key, ...fields);
      next += BATCH;
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    }
  };
  await Promise.all(Array.from({ length: PIPELINES }, write));
}
