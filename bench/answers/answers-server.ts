// A thread with Plumb's HTTP server over a memory store that holds one set of features; it tells its address.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createLookups } from '../../src/http/lookup/lookups.ts';
import { startServer } from '../../src/http/server.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { catalogOf, FakeWorld, rowView } from '../../test/support/fake-world.ts';
import { featureSet } from './feature-sets.ts';

export interface ServedSet {
  readonly set: string;
  readonly featureCount: number;
  readonly keys: number;
  readonly seed: number;
  readonly until: string;
}

const { set, featureCount, keys, seed, until } = workerData as ServedSet;
const { schema, columns } = featureSet(set, featureCount, keys, seed);
const view = rowView('wide', { user_id: 'int64' }, schema);
const catalog = catalogOf([view]);
const world = new FakeWorld(catalog, new MemoryOnlineStore());
const rows = Array.from({ length: keys }, (_value, key) => ({
  keys: [BigInt(key)],
  values: columns.map((column) => column[key] ?? null),
  event: until,
}));
await world.materialize(view, until, rows);
const parts = fakeParts(new FileObjectStore({ root: await mkdtemp(join(tmpdir(), 'plumb-answers-')) }), catalog);
const server = await startServer({
  ...parts,
  lookup: createLookups(parts.catalog, world.store),
  limits: { ...parts.limits, bodyBytes: 1_000_000, entitiesPerRequest: keys },
  ready: async () => {},
  host: '127.0.0.1',
  port: 0,
});
parentPort?.postMessage(server.url);
