// A stream processor over a real log: whatever stops it, and whoever takes over, each event is in the entries of each target
// once, in its order. What is expected is an entry of all events of the log at once.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { EmbeddedEventLog } from '../../src/ingest/embedded/embedded-event-log.ts';
import type { LoggedEvent } from '../../src/ingest/event-log.ts';
import type { TargetRow } from '../../src/ingest/processor/apply-rows.ts';
import { type EventCompute, PartitionProcessor } from '../../src/ingest/processor/partition-processor.ts';
import { continuousTarget, type StreamTarget } from '../../src/ingest/processor/stream-target.ts';
import type { EntryRow } from '../../src/online/entry/entry.ts';
import { compileEntryCodec } from '../../src/online/entry/entry-codec.ts';
import { type EntryDefinition, type EntryFeature, entryLayout } from '../../src/online/entry/entry-layout.ts';
import { compileEntryReader } from '../../src/online/entry/entry-reader.ts';
import { mergeRows, newEntry } from '../../src/online/entry/merge-rows.ts';
import { LmdbOnlineStore } from '../../src/online/lmdb/lmdb-online-store.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import type { StreamStore } from '../../src/online/stream-store.ts';
import { Random } from '../oracle/random.ts';
import { chosenWorlds } from './worlds.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-processor-'));
after(() => rm(root, { recursive: true, force: true }));

const MIB = 2 ** 20;
const SOURCE = { source: 'taps', partition: 0 };
const START = 1_700_000_000_000_000n;
const SECOND = 1_000_000n;

const feature = (
  aggregate: EntryFeature['aggregate'],
  seconds: bigint | null,
  n: number | null = null,
): EntryFeature => ({
  ...{ aggregate, input: aggregate === 'count' ? null : 0, where: null, by: null, n, p: null, gapMicros: null },
  ...{ widthMicros: seconds === null ? null : seconds * SECOND, hopMicros: seconds === null ? null : SECOND },
  offsetMicros: 0n,
});

const DEFINITIONS: readonly EntryDefinition[] = [
  {
    cells: ['int64'],
    features: [feature('count', null), feature('sum', 30n), feature('last_n', 60n, 3), feature('last', null)],
    hidesByCreated: false,
  },
  { cells: ['int64'], features: [feature('count', 10n), feature('count_distinct', 90n)], hidesByCreated: false },
];
const FIELDS = ['a@1', 'b@1'];
const TARGETS: readonly StreamTarget[] = DEFINITIONS.map((definition, i) =>
  continuousTarget(FIELDS[i] ?? '', definition, MIB),
);

interface Tap {
  readonly key: number;
  readonly at: number;
  readonly value: number;
}

/** The second target leaves odd values out. */
const passes = (index: number, { value }: Tap): boolean => index === 0 || value % 2 === 0;

function rowsOf(events: readonly LoggedEvent[], index: number): readonly TargetRow[] {
  return events.flatMap(({ offset, appendMicros, text }) => {
    const tap = JSON.parse(Buffer.from(text).toString()) as Tap;
    if (!passes(index, tap)) return [];
    const row: EntryRow = {
      ...{ eventMicros: START + BigInt(tap.at) * 100_000n, createdMicros: appendMicros, by: null, failed: false },
      ...{ position: { partition: 0, offset }, cells: [BigInt(tap.value)] },
    };
    return [{ entity: Buffer.from(`k${tap.key}`), row, offset, appendMicros }];
  });
}
const compute: EventCompute = {
  rowsOf: async (events, targets) => targets.map(({ field }) => rowsOf(events, FIELDS.indexOf(field))),
};

const away = (): PlumbError => new PlumbError('STORE_UNAVAILABLE', 'away');

/** Commits fail now and then, before they happen or after. */
const failing = (store: StreamStore, random: Random): StreamStore => ({
  read: (...asked) => store.read(...asked),
  listSentinels: (field) => store.listSentinels(field),
  dropSentinels: (field) => store.dropSentinels(field),
  commit: async (transaction) => {
    if (random.chance(0.1)) throw away();
    const done = await store.commit(transaction);
    if (random.chance(0.1)) throw away();
    return done;
  },
});

const isAway = (error: unknown): boolean => error instanceof PlumbError && error.code === 'STORE_UNAVAILABLE';

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await attempt();
    } catch (error) {
      if (!isAway(error)) throw error;
    }
}

async function tryHistory(seed: number, online: OnlineStore): Promise<{ events: number; takeovers: number }> {
  const random = new Random(seed);
  let now = START;
  await using log = await EmbeddedEventLog.open(
    join(root, `log-${seed}-${online.constructor.name}`),
    'shop',
    () => now,
  );
  const ports = { log, compute, store: failing(online.streams(), random) };
  const [state] = await log.partitions('taps');
  const begin = { epoch: state?.epoch ?? '', next: 0n };
  await eventually(() => PartitionProcessor.begin(ports, SOURCE, TARGETS, begin));
  const takeOver = () => eventually(() => PartitionProcessor.takeOver(ports, SOURCE, TARGETS));
  let takeovers = 0;
  let id = 0;
  let processor = await takeOver();
  const keys = random.int(1, 4);
  const step = async (): Promise<number> => {
    const limits = { events: random.int(1, 120), bytes: random.chance(0.3) ? 500 : 100_000 };
    try {
      return (await processor.step(limits)).length;
    } catch (error) {
      if (!isAway(error)) throw error;
      takeovers += 1;
      processor = await takeOver();
      return 1;
    }
  };
  for (let round = 0; round < 30; round += 1) {
    now += BigInt(random.int(0, 4)) * SECOND;
    const events = Array.from({ length: random.int(0, 60) }, () => {
      const at = Number((now - START) / 100_000n) - random.int(0, 300) + (random.chance(0.1) ? 40 : 0);
      const tap: Tap = { key: random.int(1, keys), at, value: random.int(0, 9) };
      const number = random.chance(0.1) ? random.int(0, id) : id++;
      return { id: `e${number}`, by: null, text: Buffer.from(JSON.stringify(tap)) };
    });
    await log.append('taps', { events });
    if (random.chance(0.2)) {
      const former = processor;
      processor = await takeOver();
      const [mine] = processor.sentinels;
      const { next } = (await log.partitions('taps'))[0] ?? { next: 0n };
      if (mine !== undefined && mine.next < next)
        await assert.rejects(
          eventually(() => former.step({ events: 50, bytes: MIB })),
          { code: 'CONFLICT' },
        );
    } else if (random.chance(0.6)) await step();
  }
  while ((await step()) > 0);
  await requireAll(log, online, keys);
  return { events: id, takeovers };
}

async function requireAll(log: EmbeddedEventLog, online: OnlineStore, keys: number): Promise<void> {
  const [state] = await log.partitions('taps');
  const position = { ...SOURCE, epoch: state?.epoch ?? '', offset: 0n };
  const events = await log.read(position, { events: 1e6, bytes: 1e9 });
  const last = events.at(-1)?.appendMicros ?? START;
  for (const [i, definition] of DEFINITIONS.entries()) {
    const layout = entryLayout(definition);
    const read = compileEntryReader(layout);
    const codec = compileEntryCodec(layout, MIB);
    for (let key = 1; key <= keys; key += 1) {
      const entity = Buffer.from(`k${key}`);
      const { rows } = await online.read([{ entities: [entity], fields: [FIELDS[i] ?? ''] }], []);
      const stored = rows[0]?.[0]?.[0] ?? null;
      const wanted = rowsOf(events, i).filter((row) => Buffer.from(row.entity).equals(entity));
      if (stored === null) {
        assert.equal(wanted.length, 0);
        continue;
      }
      const { frontierMicros } = codec.decode(stored);
      const all = newEntry(layout);
      mergeRows(
        layout,
        all,
        wanted.map(({ row }) => row),
        { appliedMicros: last, mostRows: 1e9 },
      );
      const whole = codec.encode(all).bytes;
      for (const seconds of [0n, 1n, 5n, 29n, 60n, 95n]) {
        // The frontier never passes the append time of the last event.
        assert.ok(frontierMicros <= last);
        const asked = { atMicros: last + seconds * SECOND, isExplicit: true };
        assert.deepEqual(read(stored, asked), read(whole, asked), `${FIELDS[i]} k${key} ${seconds} s later`);
      }
    }
  }
}

test('each event is in the entries once, whatever stops the processor and whoever takes over', async (t) => {
  const { first, count } = chosenWorlds(12);
  let takeovers = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    await using memory = new MemoryOnlineStore();
    takeovers += (await tryHistory(seed, memory)).takeovers;
    if (seed % 4 !== 0) continue;
    await using lmdb = await LmdbOnlineStore.open(join(root, `online-${seed}`), 'shop');
    await tryHistory(seed, lmdb);
  }
  t.diagnostic(`${count} histories, ${takeovers} failed commits`);
  assert.ok(count < 12 || takeovers > 12);
});

test('a target without a sentinel is told, and nothing is taken over', async () => {
  await using log = await EmbeddedEventLog.open(join(root, 'lost'), 'shop');
  await using online = new MemoryOnlineStore();
  const ports = { log, compute, store: online.streams() };
  const [first, second] = TARGETS as readonly [StreamTarget, StreamTarget];
  const [state] = await log.partitions('taps');
  await PartitionProcessor.begin(ports, SOURCE, TARGETS, { epoch: state?.epoch ?? '', next: 0n });
  const owner = await PartitionProcessor.takeOver(ports, SOURCE, [first]);
  await ports.store.dropSentinels(second.field);
  await assert.rejects(PartitionProcessor.takeOver(ports, SOURCE, TARGETS), { code: 'CONFLICT' });
  await log.append('taps', { events: [{ id: 'x', by: null, text: Buffer.from('{"key":1,"at":0,"value":2}') }] });
  assert.equal((await owner.step({ events: 10, bytes: MIB })).length, 1);
});

test('events beyond what a commit takes are applied in several, each with its sentinel', async () => {
  await using log = await EmbeddedEventLog.open(join(root, 'many'), 'shop');
  await using online = new MemoryOnlineStore();
  let commits = 0;
  const streams = online.streams();
  const store: StreamStore = {
    ...failing(streams, new Random(1)),
    commit: (transaction) => {
      commits += 1;
      return streams.commit(transaction);
    },
  };
  const ports = { log, compute, store };
  const [target] = TARGETS as readonly [StreamTarget];
  const [state] = await log.partitions('taps');
  await PartitionProcessor.begin(ports, SOURCE, [target], { epoch: state?.epoch ?? '', next: 0n });
  const processor = await PartitionProcessor.takeOver(ports, SOURCE, [target]);
  const events = Array.from({ length: 3500 }, (_, key) => ({
    ...{ id: `e${key}`, by: null, text: Buffer.from(JSON.stringify({ key, at: 0, value: 2 })) },
  }));
  await log.append('taps', { events });
  assert.equal((await processor.step({ events: 5000, bytes: 10 * MIB })).length, 3500);
  assert.equal(processor.sentinels[0]?.next, 3500n);
  assert.equal(commits, 2 + 4);
});

test('a target that was filled from another log is told', async () => {
  await using log = await EmbeddedEventLog.open(join(root, 'anew'), 'shop');
  await using online = new MemoryOnlineStore();
  const ports = { log, compute, store: online.streams() };
  await PartitionProcessor.begin(ports, SOURCE, TARGETS, { epoch: 'former', next: 3n });
  await assert.rejects(PartitionProcessor.takeOver(ports, SOURCE, TARGETS), { code: 'LOG_GAP' });
});

test('long values do not stop a partition: rows are folded before an entry is too big', async () => {
  await using log = await EmbeddedEventLog.open(join(root, 'long'), 'shop');
  await using online = new MemoryOnlineStore();
  const definition = { cells: ['string'], features: [feature('last', 60n)], hidesByCreated: false } as const;
  const target = continuousTarget('long@1', definition, MIB);
  const long: EventCompute = {
    rowsOf: async (events) => [
      events.map(({ offset, appendMicros, text }) => {
        const place = { createdMicros: appendMicros, position: { partition: 0, offset }, by: null, failed: false };
        const row = { ...place, eventMicros: appendMicros - 1n, cells: [Buffer.from(text).toString()] };
        return { entity: Buffer.from('k'), row, offset, appendMicros };
      }),
    ],
  };
  const ports = { log, compute: long, store: online.streams() };
  const [state] = await log.partitions('taps');
  await PartitionProcessor.begin(ports, SOURCE, [target], { epoch: state?.epoch ?? '', next: 0n });
  const processor = await PartitionProcessor.takeOver(ports, SOURCE, [target]);
  const texts = [...Array.from({ length: 120 }, (_, i) => `${i}`.padEnd(40_000, '.')), 'x'.repeat(5 * MIB), 'short'];
  for (const text of texts) await log.append('taps', { events: [{ id: null, by: null, text: Buffer.from(text) }] });
  while ((await processor.step({ events: 50, bytes: 64 * MIB })).length > 0);
  assert.equal(processor.sentinels[0]?.next, BigInt(texts.length));
  const { rows } = await online.read([{ entities: [Buffer.from('k')], fields: ['long@1'] }], []);
  const bytes = rows[0]?.[0]?.[0];
  assert.ok(bytes != null && bytes.length <= MIB);
});
