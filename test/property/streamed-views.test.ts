// From push to served values: events through the real log, engine, processor and store, against the training set of the same
// rows, instants and definitions.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { INVALID } from '../../src/aggregate/algebra.ts';
import type { AggregateView } from '../../src/catalog/catalog.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { EmbeddedEventLog } from '../../src/ingest/embedded/embedded-event-log.ts';
import { PartitionProcessor } from '../../src/ingest/processor/partition-processor.ts';
import { createPush } from '../../src/ingest/push/push.ts';
import { formatInstant, parseInstant } from '../../src/instant.ts';
import { streamCompute, viewStream } from '../../src/materialize/streams/view-streams.ts';
import { DuckdbEventEngine } from '../../src/offline/duckdb/duckdb-event-engine.ts';
import { createDuckdbExpressionCompiler } from '../../src/offline/duckdb/expression-compiler.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { encoderFor } from '../../src/online/entity-key.ts';
import { entryLayout } from '../../src/online/entry/entry-layout.ts';
import { absentEntry, compileEntryReader } from '../../src/online/entry/entry-reader.ts';
import { viewEntry } from '../../src/online/entry/view-entry.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { evaluateFeatures, type Row } from '../../src/testing/index.ts';
import { Random } from '../oracle/random.ts';
import { fakeInspector } from '../support/fake-ports.ts';
import { chosenWorlds } from './worlds.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-streamed-'));
after(() => rm(root, { recursive: true, force: true }));

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };
const MIB = 2 ** 20;
const START = parseInstant('2026-01-08T00:00:00Z') as bigint;
const SECOND = 1_000_000n;

const COLUMNS = {
  ...{ id: 'string', user_id: 'int64', ts: 'timestamp', page: 'string', price: 'float64', quantity: 'int32' },
  tags: 'list<string>',
} as const;
const VIEW = {
  ...{ name: 'spent', kind: 'aggregate', entities: ['user'], source: 'taps', where: "page <> 'none'" },
  features: [
    { name: 'taps_1m', aggregate: 'count', window: '1m' },
    { name: 'paid_5m', aggregate: 'sum', expression: 'quantity * CAST(price AS BIGINT)', window: '5m' },
    { name: 'mean_10m', aggregate: 'mean', column: 'price', window: '10m', where: 'quantity > 1' },
    { name: 'pages_10m', aggregate: 'count_distinct', column: 'page', window: '10m' },
    { name: 'last_pages', aggregate: 'last_n', n: 3, column: 'page', window: '1h' },
    { name: 'by_page', aggregate: 'count', by: 'page', top: 2, window: '10m' },
    { name: 'last_tags', aggregate: 'last', column: 'tags', window: '1h' },
    { name: 'visits', aggregate: 'session_count', gap: '30s', window: '10m' },
    { name: 'before_5m', aggregate: 'count', window: '5m', offset: '5m' },
    { name: 'first_page', aggregate: 'first', column: 'page', window: '1h' },
  ],
};
const ENTITY = { name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] };
const SERVICE = { name: 'all', features: ['spent:*'] };

const STREAM = {
  entities: [ENTITY],
  sources: [{ name: 'taps', kind: 'stream', timestampColumn: 'ts', eventIdColumn: 'id', columns: COLUMNS }],
  featureViews: [VIEW],
} as unknown as DefinitionsInput;
/** The same rows as files; when they were created orders those of one instant. */
const BATCH = {
  entities: [ENTITY],
  sources: [
    {
      ...{ name: 'taps', kind: 'batch', path: 'taps.jsonl', format: 'jsonl', timestampColumn: 'ts' },
      ...{ createdTimestampColumn: 'created', columns: { ...COLUMNS, created: 'timestamp' } },
    },
  ],
  featureViews: [VIEW],
  featureServices: [SERVICE],
} as unknown as DefinitionsInput;

await using parser = await DuckdbSession.open({ ...LIMITS, files: [], folders: [] });
const catalog = await resolveDefinitions(STREAM, {
  ...{ project: 'shop', inspector: fakeInspector({}) },
  compiler: createDuckdbExpressionCompiler((sql, parameters) => parser.prepared(sql, parameters)),
});
const view = catalog.views.get('spent') as AggregateView;
const FIELD = 'spent@1';

/** One tap has a price that is no BIGINT: training refuses what serving calls INVALID, until no window holds it. */
const DEAR = 1e300;

function randomTap(random: Random, id: number, nowMicros: bigint): Row {
  const ago = BigInt(random.int(0, 400)) * SECOND * (random.chance(0.3) ? 1n : 0n);
  const page = random.pick(['home', 'cart', 'none', 'a"b', null]);
  return {
    ...{ id: `e${id}`, user_id: random.int(1, 3), ts: formatInstant(nowMicros - ago) },
    ...(page === null ? {} : { page }),
    ...(random.chance(0.1) ? {} : { price: random.pick([1, 2.25, 19]) }),
    ...(random.chance(0.1) ? {} : { quantity: random.int(0, 4) }),
    ...(random.chance(0.5) ? { tags: random.pick([[], ['x'], ['y', 'x']]) } : {}),
  };
}

async function tryStream(seed: number): Promise<number> {
  const random = new Random(seed);
  let now = START;
  await using log = await EmbeddedEventLog.open(join(root, String(seed)), 'shop', () => now);
  await using engine = await DuckdbEventEngine.open(LIMITS);
  await using online = new MemoryOnlineStore();
  const { push } = createPush({ catalog: async () => catalog, log: async () => log, now: () => now });
  const stream = viewStream(catalog, view, FIELD, MIB);
  const ports = { log, store: online.streams(), compute: streamCompute(engine, [stream], 0) };
  const partition = { source: 'taps', partition: 0 };
  const [state] = await log.partitions('taps');
  await PartitionProcessor.begin(ports, partition, [stream.target], { epoch: state?.epoch ?? '', next: 0n });
  let processor = await PartitionProcessor.takeOver(ports, partition, [stream.target]);
  const rows: Row[] = [];
  let id = 0;
  for (let round = 0; round < 12; round += 1) {
    now += BigInt(random.int(1, 60)) * SECOND;
    const sent = Array.from({ length: random.int(1, 90) }, () => randomTap(random, id++, now));
    if (round === 11 && seed % 4 === 0)
      sent.push({ id: `e${id++}`, user_id: 1, ts: formatInstant(now), page: 'home', quantity: 1, price: DEAR });
    const repeated = random.chance(0.3) ? sent.slice(0, 3) : [];
    const events = [...sent, ...repeated];
    const { answer } = await push({ source: 'taps', events: events as never, onError: 'reject_all', by: null });
    assert.deepEqual([answer.accepted, answer.duplicates, answer.rejected], [sent.length, repeated.length, []]);
    rows.push(...sent.map((row, i) => ({ ...row, created: formatInstant(now + BigInt(i)) })));
    now += BigInt(sent.length);
    if (random.chance(0.3)) processor = await PartitionProcessor.takeOver(ports, partition, [stream.target]);
    if (random.chance(0.7)) await processor.step({ events: random.int(1, 100), bytes: MIB });
  }
  while ((await processor.step({ events: 50, bytes: MIB })).length > 0);
  return await requireTrainingSet(online, rows, now);
}

/** How many values were compared. */
async function requireTrainingSet(online: MemoryOnlineStore, rows: readonly Row[], now: bigint): Promise<number> {
  const layout = entryLayout(viewEntry(view));
  const read = compileEntryReader(layout);
  const keys = encoderFor(view.entities, view.joinKeys);
  const instants = [0n, 1n, 31n, 60n, 299n, 600n, 3599n].map((seconds) => now + seconds * SECOND);
  const asked = instants.flatMap((at) => [1, 2, 3, 4].map((user) => ({ user_id: user, at: formatInstant(at) })));
  const evaluation = { definitions: BATCH, tables: { taps: rows }, service: 'all', at: asked };
  const isDear = rows.some(({ price }) => price === DEAR);
  if (isDear) await assert.rejects(evaluateFeatures(evaluation), { code: 'INVALID_VALUE' });
  const tables = { taps: rows.filter(({ price }) => price !== DEAR) };
  const wanted = await evaluateFeatures({ ...evaluation, tables });
  for (const [i, { user_id, at }] of asked.entries()) {
    const entity = keys.encode([BigInt(user_id)]);
    const { rows: found } = await online.read([{ entities: [entity], fields: [FIELD] }], []);
    const bytes = found[0]?.[0]?.[0] ?? null;
    const atMicros = parseInstant(at) as bigint;
    const { values } = bytes === null ? absentEntry(layout) : read(bytes, { atMicros, isExplicit: true });
    if (isDear && user_id === 1) {
      const paid = view.features.findIndex(({ name }) => name === 'paid_5m');
      assert.equal(values[paid] === INVALID, atMicros - now <= 299n * SECOND, at);
      continue;
    }
    for (const [j, { name }] of view.features.entries()) {
      const want: unknown = wanted[i]?.[`spent__${name}`] ?? null;
      const got = values[j] ?? null;
      const isClose = typeof got === 'number' && typeof want === 'number' && Math.abs(got - want) < 1e-9;
      if (!isClose) assert.deepEqual(got, want, `user ${user_id} at ${at}: ${name}`);
    }
  }
  return asked.length * view.features.length;
}

test('values served of pushed events are those of the training set of the same rows', async (t) => {
  const { first, count } = chosenWorlds(5);
  let compared = 0;
  for (let seed = first; seed < first + count; seed += 1) compared += await tryStream(seed);
  t.diagnostic(`${count} streams, ${compared} values compared`);
  assert.ok(compared >= count * 200);
});
