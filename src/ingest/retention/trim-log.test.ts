// What leaves a real log, beside a real lake and the sentinels of a store.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fakeCompiler, fakeInspector } from '../../../test/support/fake-ports.ts';
import type { ServableView } from '../../catalog/catalog.ts';
import { resolveDefinitions } from '../../definitions/resolve.ts';
import { withFilling } from '../../materialize/streams/stream-generation.ts';
import { duckdbLakeWriter } from '../../offline/duckdb/duckdb-lake-writer.ts';
import { MemoryOnlineStore } from '../../online/memory/memory-online-store.ts';
import { encodeSentinel } from '../../online/sentinel.ts';
import { fieldName } from '../../online/serving-state.ts';
import { encodeServingState } from '../../online/serving-state-codec.ts';
import { FileObjectStore } from '../../storage/file/file-object-store.ts';
import { EmbeddedEventLog } from '../embedded/embedded-event-log.ts';
import { Lake } from '../lake/lake.ts';
import { countOutdated, type TrimPorts, trimLog } from './trim-log.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-trim-'));
after(() => rm(root, { recursive: true, force: true }));

const HOUR = 3_600_000_000n;
const NOON = 1_700_000_000_000_000n;
const FIELD = 'spent@1';
const stream = (name: string, rest: object = {}) => ({
  ...{ name, kind: 'stream' as const, timestampColumn: 'ts', columns: { user_id: 'int64', ts: 'timestamp' } as const },
  ...rest,
});
const CATALOG = await resolveDefinitions(
  {
    entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
    sources: [stream('taps', { deadLetters: '2h' }), stream('others')],
    featureViews: [
      {
        ...{ name: 'spent', kind: 'aggregate', entities: ['user'], source: 'taps' },
        features: [{ name: 'n', aggregate: 'count', window: '7d' }],
      },
    ],
  },
  { project: 'shop', inspector: fakeInspector({}), compiler: fakeCompiler },
);

let count = 0;

async function opened(retention: Partial<TrimPorts['retention']> = {}) {
  const folder = join(root, String(count++));
  let now = NOON;
  const log = await EmbeddedEventLog.open(join(folder, 'log'), 'shop', () => now);
  const store = new FileObjectStore({ root: join(folder, 'storage'), mayCreate: true });
  const writer = duckdbLakeWriter({ memoryBytes: 2 ** 28, threads: 1 });
  const lake = new Lake({ catalog: async () => CATALOG, store, log: async () => log, writer });
  const online = new MemoryOnlineStore();
  const ports: TrimPorts = {
    ...{ log, lake, online, catalog: async () => CATALOG, now: () => now },
    retention: { maxAgeMicros: HOUR, maxBytes: null, ...retention },
  };
  const [state] = await log.partitions('taps');
  const epoch = state?.epoch ?? '';
  let reached: Uint8Array | null = null;
  return {
    ...{ log, lake, online, ports, epoch },
    later: (micros: bigint) => {
      now += micros;
    },
    append: (source: string, events: number, letters = 0) => {
      const text = Buffer.from(JSON.stringify({ user_id: 7, ts: '2026-01-01T00:00:00Z' }));
      return log.append(source, {
        events: Array.from({ length: events }, () => ({ id: null, by: null, text })),
        deadLetters: Array.from({ length: letters }, () => ({ path: '', reason: 'bad', by: null, text: '{}' })),
      });
    },
    /** A generation has applied the events before `next`. */
    applied: async (next: bigint, field = FIELD, of = epoch) => {
      const sentinel = encodeSentinel({ owner: '', epoch: of, next, appendMicros: null });
      const key = { field, source: 'taps', partition: 0 };
      const write = { key, expected: field === FIELD ? reached : null, next: sentinel };
      assert.ok(await online.streams().commit({ sentinels: [write], writes: [] }));
      if (field === FIELD) reached = sentinel;
    },
    kept: async (source = 'taps') => {
      const [{ first, next } = { first: 0n, next: 0n }] = await log.partitions(source);
      return [Number(first), Number(next)];
    },
    [Symbol.asyncDispose]: async () => {
      await online[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}

test('what is old leaves once all have it, the lake by catching up; nothing before', async () => {
  await using world = await opened();
  const { ports, append, applied, kept, lake, later } = world;
  await append('taps', 10);
  await applied(6n);
  assert.equal((await trimLog(ports, 'taps')).events, 0);
  assert.deepEqual(await lake.read('taps'), [], 'the lake is left alone while nothing is old');
  later(2n * HOUR);
  await append('taps', 5);
  const dry = await trimLog(ports, 'taps', { dryRun: true });
  const heldBy = 'they are not applied to view spent yet';
  assert.deepEqual([dry.events, dry.heldBy, await kept()], [6, heldBy, [0, 15]]);
  const first = await trimLog(ports, 'taps');
  assert.deepEqual([first.events, first.sizeBytes, first.heldBy], [6, dry.sizeBytes, heldBy]);
  assert.deepEqual([await kept(), await countOutdated(ports, 'taps')], [[6, 15], 4]);
  await applied(15n);
  const { events, heldBy: none } = await trimLog(ports, 'taps');
  assert.deepEqual([events, none, await kept()], [4, null, [10, 15]]);
  const [{ end, parts } = { end: null, parts: [] }] = await lake.read('taps');
  assert.deepEqual([end?.next, parts.length], [15n, 1]);
});

test('the slowest of several generations counts, of the same log alone', async () => {
  await using world = await opened();
  await world.append('taps', 10);
  await world.applied(8n);
  await world.applied(3n, 'spent@0');
  await world.applied(1n, 'gone@0', 'another');
  world.later(2n * HOUR);
  await trimLog(world.ports, 'taps');
  assert.deepEqual(await world.kept(), [3, 10]);
});

async function beginFilling(online: MemoryOnlineStore) {
  const view = CATALOG.views.get('spent') as ServableView;
  const state = withFilling({ view, version: 1 }, { live: null, token: 0n, rebuildCount: 0 }, true);
  assert.ok(await online.writeState('spent', null, encodeServingState(state)));
  return state;
}

test('what is being filled holds all events, until it has a sentinel', async () => {
  await using world = await opened();
  const { online, ports } = world;
  await world.append('taps', 10);
  await world.applied(10n);
  world.later(2n * HOUR);
  const state = await beginFilling(online);
  const held = await trimLog(ports, 'taps');
  assert.deepEqual([held.heldBy, await world.kept()], ['view spent is being filled', [0, 10]]);
  await world.applied(4n, fieldName('spent', state.filling?.id ?? ''));
  await trimLog(ports, 'taps');
  assert.deepEqual(await world.kept(), [4, 10]);
});

test('what begins to be filled while the lake catches up holds all events', async () => {
  await using world = await opened();
  const { lake, online, ports } = world;
  await world.append('taps', 10);
  await world.applied(10n);
  world.later(2n * HOUR);
  const catchUp = async (source: string) => {
    await beginFilling(online);
    return await lake.catchUp(source);
  };
  const read = (source: string) => lake.read(source);
  await trimLog({ ...ports, lake: { read, catchUp } }, 'taps');
  assert.deepEqual(await world.kept(), [0, 10]);
});

test('by size the oldest leave, no more than are asked for', async () => {
  await using world = await opened({ maxAgeMicros: 1000n * HOUR, maxBytes: 1 });
  await world.append('others', 10);
  const bounded = await trimLog(world.ports, 'others', { most: 4 });
  assert.deepEqual([bounded.events, bounded.heldBy, await world.kept('others')], [4, null, [4, 10]]);
  const rest = await trimLog(world.ports, 'others', { most: 100 });
  assert.deepEqual([rest.events, await world.kept('others')], [6, [10, 10]]);
});

test('events of a source that is not defined stay where the lake lacks them', async () => {
  await using world = await opened();
  await world.append('gone', 3);
  world.later(2n * HOUR);
  const { events, heldBy } = await trimLog(world.ports, 'gone');
  assert.deepEqual([events, heldBy], [0, 'they are not in the lake yet, and source gone is not defined any more']);
});

test('rejected events leave by the rule of their source; without one none is kept', async () => {
  await using world = await opened();
  await world.append('taps', 0, 3);
  await world.append('others', 0, 2);
  world.later(2n * HOUR);
  await world.append('taps', 0, 1);
  const of = async (source: string, dryRun: boolean) => (await trimLog(world.ports, source, { dryRun })).deadLetters;
  assert.equal(await of('taps', true), 0, 'of exactly that age they stay');
  world.later(1n);
  assert.deepEqual([await of('taps', true), await of('taps', false), await of('taps', false)], [3, 3, 0]);
  assert.deepEqual([await of('others', true), await of('others', false)], [2, 2]);
  assert.equal((await world.log.deadLetters('taps', 0n, 10)).length, 1);
});
