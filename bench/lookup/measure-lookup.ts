// One variant in a process of its own, per second of processor time, as JSON.
//   node bench/lookup/measure-lookup.ts memory|lmdb ENTITIES KEYS SEED MILLIS
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLookupQuery } from '../../src/http/lookup/lookup-query.ts';
import { nowMicros } from '../../src/instant.ts';
import type { JsonObject } from '../../src/lossless-json.ts';
import { parseJson } from '../../src/lossless-json.ts';
import { encoderFor } from '../../src/online/entity-key.ts';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import { catalogOf, FakeWorld, rowView, serviceFeature } from '../../test/support/fake-world.ts';
import { doubles } from './doubles.ts';

export interface LookupRun {
  readonly lookups: number;
  /** The store alone, for the same keys. */
  readonly reads: number;
  readonly answerBytes: number;
}

const FEATURES = 20;
const REQUESTS = 200;
const [kind = '', entities = '', keyCount = '', seed = '', millis = ''] = process.argv.slice(2);
const folder = await mkdtemp(join(process.cwd(), 'lookup-'));
try {
  await using store = kind === 'lmdb' ? await LmdbOnlineStore.open(folder, 'bench') : new MemoryOnlineStore();
  process.stdout.write(JSON.stringify(await measureLookups(store)));
} finally {
  await rm(folder, { recursive: true });
}

async function measureLookups(store: OnlineStore): Promise<LookupRun> {
  const world = await filledWorld(store);
  const field = (await store.listFields())[0] as string;
  const encoder = encoderFor(['user_id'], [{ type: 'int64' }]);
  const asked = Array.from({ length: REQUESTS }, (_value, request) => keysOf(request));
  const bodies = asked.map((keys) =>
    JSON.stringify({ service: 'all', entities: keys.map((key) => ({ user_id: key })) }),
  );
  const encoded = asked.map((keys) => keys.map((key) => encoder.encode([BigInt(key)])));
  let answerBytes = 0;
  const lookups = await perSecond(async (request) => {
    const query = parseLookupQuery(parseJson(bodies[request] as string, 'the body') as JsonObject, 1_000);
    const answer = await world.lookup.lookup({ service: 'all' }, query.entities, nowMicros());
    answerBytes = answer.length;
  });
  const reads = await perSecond(
    async (request) => void (await store.read([{ entities: encoded[request] ?? [], fields: [field] }], [])),
  );
  return { lookups, reads, answerBytes };
}

function keysOf(request: number): number[] {
  return Array.from({ length: Number(entities) }, (_value, i) => (request * 7_919 + i * 104_729) % Number(keyCount));
}

/** A row view of random doubles. */
async function filledWorld(store: OnlineStore): Promise<FakeWorld> {
  const { schema, columns } = doubles(FEATURES, Number(keyCount), Number(seed));
  const view = rowView('wide', { user_id: 'int64' }, schema);
  const service = schema.map(({ name }) => serviceFeature('wide', name, ['user_id']));
  const world = new FakeWorld(catalogOf([view], { all: service }), store);
  const rows = Array.from({ length: Number(keyCount) }, (_value, key) => ({
    keys: [BigInt(key)],
    values: columns.map((column) => column[key] ?? null),
    event: '2026-01-01T00:00:00Z',
  }));
  await world.materialize(view, '2026-01-08T00:00:00Z', rows);
  return world;
}

/** After a warm-up of half the time. */
async function perSecond(work: (request: number) => Promise<void>): Promise<number> {
  await repeat(work, Number(millis) / 2);
  const { done, micros } = await repeat(work, Number(millis));
  return Math.round((1e6 * done) / micros);
}

async function repeat(
  work: (request: number) => Promise<void>,
  untilMillis: number,
): Promise<{ readonly done: number; readonly micros: number }> {
  const start = process.cpuUsage();
  let [done, micros] = [0, 0];
  while (micros < untilMillis * 1000) {
    for (let request = 0; request < REQUESTS; request += 1) await work(request);
    done += REQUESTS;
    const { user, system } = process.cpuUsage(start);
    micros = user + system;
  }
  return { done, micros };
}
