// Another process on the storage under test: `node child.ts <kind> <location> <task>`.
import { once } from 'node:events';
import type { ObjectStore } from '../../../src/storage/object-store.ts';

const [kind, location, task] = process.argv.slice(2) as [string, string, string];

async function openStore(): Promise<ObjectStore> {
  if (kind === 's3') return (await import('./s3-store.ts')).openS3Store(location);
  if (kind !== 'file') throw new Error(`no such kind of object store: ${kind}`);
  const { FileObjectStore } = await import('../../../src/storage/file/file-object-store.ts');
  return new FileObjectStore({ root: location });
}

const TASKS: Readonly<Record<string, (store: ObjectStore) => Promise<void>>> = {
  /** 25 creators for each of 20 keys; says which of them won. */
  async race(store) {
    process.stdout.write('\n');
    await once(process.stdin, 'data');
    const wins: Record<string, string[]> = {};
    for (let round = 0; round < 20; round++) {
      const key = `race/${round}`;
      const names = Array.from({ length: 25 }, (_, creator) => `${process.pid}-${creator}`);
      const won = await Promise.all(names.map((name) => store.putIfAbsent(key, Buffer.from(name))));
      wins[key] = names.filter((_, creator) => won[creator]);
    }
    process.stdout.write(JSON.stringify(wins));
  },
  /** Until it is told to end, and often enough. */
  async overwrite(store) {
    let goesOn = true;
    process.stdin.once('data', () => {
      goesOn = false;
    });
    for (let round = 0; goesOn || round < 150; round++)
      await store.put('shared/value', Buffer.alloc(200_000, round % 251));
  },
  async 'write-big'(store) {
    process.stdout.write('\n');
    for (let round = 0; ; round++) await store.put(`crash/${round}`, Buffer.alloc(24 * 1024 * 1024, round % 251));
  },
  async put(store) {
    await store.put(`crashed/put-${process.env.PLUMB_FAILPOINT}`, Buffer.from('whole'));
  },
  async create(store) {
    await store.putIfAbsent(`crashed/create-${process.env.PLUMB_FAILPOINT}`, Buffer.from('whole'));
  },
};

await using store = await openStore();
await TASKS[task]?.(store);
process.stdin.destroy();
