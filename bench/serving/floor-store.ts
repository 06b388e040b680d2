// The stores of the floor: one string key per row, the row's bytes as its value.
import { Redis } from 'ioredis';
import { open } from 'lmdb';

export interface FloorStore extends AsyncDisposable {
  write(rows: readonly (readonly [key: string, bytes: Buffer])[]): Promise<void>;
  /** In the order of the keys; all of them are there. */
  read(keys: readonly string[]): Promise<readonly Buffer[]>;
}

export async function openFloor(kind: string, place: string): Promise<FloorStore> {
  if (kind === 'lmdb') return lmdbFloor(place);
  if (kind === 'redis') return redisFloor(place);
  throw new Error(`found store ${kind}, expected lmdb or redis`);
}

function lmdbFloor(folder: string): FloorStore {
  const db = open<Buffer, string>({ path: folder, encoding: 'binary' });
  return {
    write: (rows) => db.transaction(() => void rows.map(([key, bytes]) => db.put(key, bytes))),
    read: async (keys) => keys.map((key) => required(db.get(key), key)),
    [Symbol.asyncDispose]: () => db.close(),
  };
}

function redisFloor(url: string): FloorStore {
  const redis = new Redis(url);
  return {
    write: async (rows) => void (await redis.mset(rows.flat())),
    read: async (keys) => (await redis.mgetBuffer([...keys])).map((bytes, i) => required(bytes, keys[i])),
    [Symbol.asyncDispose]: async () => void (await redis.quit()),
  };
}

function required(bytes: Buffer | null | undefined, key: string | undefined): Buffer {
  if (bytes === null || bytes === undefined) throw new Error(`the floor has no ${key}`);
  return bytes;
}
