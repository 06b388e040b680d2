// Another process on the same LMDB folder: `node lmdb-child.ts <folder> <role>`. Says on stdout what it has done.
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import { stateOf } from './reading.ts';

export const KEYS = Array.from({ length: 300 }, (_value, index) => Buffer.from(`key${index}`));
export const FIELD = 'v@1';
export const VIEW = 'counter';
export const INCREMENTS = 40;

/** Big enough that the file outgrows its first map within some batches. */
const rowOf = (batch: number): Buffer => Buffer.alloc(2000, batch % 256);

async function writeForEver(store: LmdbOnlineStore): Promise<void> {
  for (let batch = 1; ; batch += 1) {
    const row = rowOf(batch);
    await store.writeRows(FIELD, BigInt(batch), [
      ...KEYS.map((entity) => ({ entity, row })),
      // New keys with every batch: the database grows.
      ...KEYS.map((entity) => ({ entity: Buffer.concat([entity, Buffer.from(`-${batch}`)]), row })),
    ]);
    process.stdout.write(`${batch}\n`);
  }
}

async function increment(store: LmdbOnlineStore): Promise<void> {
  for (let done = 0; done < INCREMENTS; ) {
    const before = await stateOf(store, VIEW);
    const count = before === null ? 0 : Number(Buffer.from(before).toString());
    if (await store.writeState(VIEW, before, Buffer.from(`${count + 1}`))) done += 1;
  }
}

/** Counts into one entry and one sentinel, as other processes do. */
async function commit(store: LmdbOnlineStore): Promise<void> {
  const [entity = Buffer.alloc(0)] = KEYS;
  const key = { field: FIELD, source: 'clicks', partition: 0 };
  for (let done = 0; done < INCREMENTS; ) {
    const read = await store.streams().read({ entities: [entity], fields: [FIELD] }, [key]);
    const [expected = null, entry = null] = [read.sentinels[0], read.entries[0]?.[0]];
    const next = Buffer.from(`${expected === null ? 1 : Number(Buffer.from(expected).toString()) + 1}`);
    const writes = [{ entity, field: FIELD, expectedVersion: entry?.version ?? null, next }];
    if (await store.streams().commit({ sentinels: [{ key, expected, next }], writes })) done += 1;
  }
}

const ROLES = { write: writeForEver, increment, commit } as const;
export type Role = keyof typeof ROLES;

if (import.meta.main) {
  const [folder = '', role = 'write'] = process.argv.slice(2);
  await using store = await LmdbOnlineStore.open(folder, 'demo');
  process.stdout.write('open\n');
  await ROLES[role as Role](store);
}
