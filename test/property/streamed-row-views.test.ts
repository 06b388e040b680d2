// Row views over a stream: in whatever order and batches events arrive, and whoever takes over, a lookup at any instant is the
// training set's value of the same rows, or TOO_EARLY where rows were left out.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { RowView } from '../../src/catalog/catalog.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { EmbeddedEventLog } from '../../src/ingest/embedded/embedded-event-log.ts';
import { PartitionProcessor } from '../../src/ingest/processor/partition-processor.ts';
import { createPush } from '../../src/ingest/push/push.ts';
import { formatInstant, parseInstant } from '../../src/instant.ts';
import { switched, withFilling } from '../../src/materialize/streams/stream-generation.ts';
import { streamCompute, viewStream } from '../../src/materialize/streams/view-streams.ts';
import { DuckdbEventEngine } from '../../src/offline/duckdb/duckdb-event-engine.ts';
import { createDuckdbExpressionCompiler } from '../../src/offline/duckdb/expression-compiler.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { createLookup } from '../../src/online/lookup.ts';
import { MemoryOnlineStore } from '../../src/online/memory/memory-online-store.ts';
import { fieldName } from '../../src/online/serving-state.ts';
import { encodeServingState } from '../../src/online/serving-state-codec.ts';
import { evaluateFeatures, type Row } from '../../src/testing/index.ts';
import { Random } from '../oracle/random.ts';
import { fakeInspector } from '../support/fake-ports.ts';
import { chosenWorlds } from './worlds.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-streamed-rows-'));
after(() => rm(root, { recursive: true, force: true }));

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };
const MIB = 2 ** 20;
const START = parseInstant('2026-01-08T00:00:00Z') as bigint;
const SECOND = 1_000_000n;
const USERS = [1, 2, 3, 4];
const COLUMNS = {
  id: 'string',
  user_id: 'int64',
  ts: 'timestamp',
  op: 'string',
  price: 'float64',
  quantity: 'int32',
} as const;
const ENTITY = { name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] };
const FEATURES = [
  { name: 'price', type: 'float64' },
  { name: 'quantity', type: 'int64' },
  { name: 'known', type: 'string', expression: "coalesce(op, 'none')", default: 'never' },
];

const viewOf = (seed: number) => ({
  ...{ name: 'newest', kind: 'row', entities: ['user'], source: 'taps', features: FEATURES },
  ...(seed % 2 === 0 ? { ttl: '5m' } : {}),
  ...(seed % 3 === 0 ? { deletedWhen: "op = 'delete'" } : {}),
  ...(seed % 3 === 1 ? { strictlyBefore: true } : {}),
  ...(seed % 4 === 1 ? { where: 'quantity > 0' } : {}),
  ...(seed % 5 === 2 ? { visibleFrom: 'created_time' } : {}),
});
const SERVICE = { name: 'all', features: ['newest:*'] };

const parser = await DuckdbSession.open({ ...LIMITS, files: [], folders: [] });
after(() => parser[Symbol.asyncDispose]());

async function catalogOf(seed: number) {
  const definitions = {
    entities: [ENTITY],
    sources: [{ name: 'taps', kind: 'stream', timestampColumn: 'ts', eventIdColumn: 'id', columns: COLUMNS }],
    featureViews: [viewOf(seed)],
    featureServices: [SERVICE],
  } as unknown as DefinitionsInput;
  return await resolveDefinitions(definitions, {
    ...{ project: 'shop', inspector: fakeInspector({}) },
    compiler: createDuckdbExpressionCompiler((sql, parameters) => parser.prepared(sql, parameters)),
  });
}

const batchOf = (seed: number) =>
  ({
    entities: [ENTITY],
    sources: [
      {
        ...{ name: 'taps', kind: 'batch', path: 'taps.jsonl', format: 'jsonl', timestampColumn: 'ts' },
        ...{ createdTimestampColumn: 'created', columns: { ...COLUMNS, created: 'timestamp' } },
      },
    ],
    featureViews: [viewOf(seed)],
    featureServices: [SERVICE],
  }) as unknown as DefinitionsInput;

function randomTap(random: Random, id: number, now: bigint): Row {
  const ago = BigInt(random.int(-60, 400)) * SECOND * (random.chance(0.4) ? 1n : 0n);
  return {
    ...{ id: `e${id}`, user_id: random.pick(USERS.slice(0, 3)), ts: formatInstant(now - ago) },
    ...(random.chance(0.2) ? {} : { op: random.pick(['put', 'delete', 'a"b']) }),
    ...(random.chance(0.2) ? {} : { price: random.pick([1, 2.25, 19]) }),
    ...(random.chance(0.2) ? {} : { quantity: random.int(-1, 4) }),
  };
}

interface Compared {
  readonly values: number;
  readonly tooEarly: number;
}

async function tryStream(seed: number): Promise<Compared> {
  const random = new Random(seed);
  const catalog = await catalogOf(seed);
  const view = catalog.views.get('newest') as RowView;
  let now = START;
  await using log = await EmbeddedEventLog.open(join(root, String(seed)), 'shop', () => now);
  await using engine = await DuckdbEventEngine.open(LIMITS);
  await using online = new MemoryOnlineStore();
  const { push } = createPush({ catalog: async () => catalog, log: async () => log, now: () => now });
  const { filling, ...begun } = withFilling({ view, version: 1 }, { live: null, token: 0n, rebuildCount: 0 }, true);
  assert.ok(filling);
  await online.writeState('newest', null, encodeServingState(switched({ ...begun, filling }, filling)));
  const stream = viewStream(catalog, view, fieldName('newest', filling.id), MIB);
  const ports = { log, store: online.streams(), compute: streamCompute(engine, [stream], 0) };
  const partition = { source: 'taps', partition: 0 };
  const [state] = await log.partitions('taps');
  await PartitionProcessor.begin(ports, partition, [stream.target], { epoch: state?.epoch ?? '', next: 0n });
  let processor = await PartitionProcessor.takeOver(ports, partition, [stream.target]);
  const rows: Row[] = [];
  for (let round = 0, id = 0; round < 15; round += 1) {
    now += BigInt(random.int(1, 60)) * SECOND;
    const sent = Array.from({ length: random.int(1, 12) }, () => randomTap(random, id++, now));
    const { answer } = await push({ source: 'taps', events: sent as never, onError: 'reject_all', by: null });
    assert.equal(answer.accepted, sent.length);
    rows.push(...sent.map((row, i) => ({ ...row, created: formatInstant(now + BigInt(i)) })));
    now += BigInt(sent.length);
    if (random.chance(0.3)) processor = await PartitionProcessor.takeOver(ports, partition, [stream.target]);
    if (random.chance(0.7)) await processor.step({ events: random.int(1, 20), bytes: MIB });
  }
  while ((await processor.step({ events: 7, bytes: MIB })).length > 0);
  const lookup = createLookup({ catalog: () => catalog, store: online });
  const agos = [...[0n, 1n, 30n, 59n, 61n, 299n, 300n, 301n, 700n, 5000n].map((s) => -s), 20n, 60n, 61n, 600n];
  const compared = { values: 0, tooEarly: 0 };
  const asked = agos.flatMap((s) => USERS.map((user_id) => ({ user_id, at: formatInstant(now + s * SECOND) })));
  const wanted = await evaluateFeatures({
    definitions: batchOf(seed),
    tables: { taps: rows },
    service: 'all',
    at: asked,
  });
  for (const [i, { user_id, at }] of asked.entries()) {
    const text = await lookup.lookup({ service: 'all' }, [{ user_id }], parseInstant(at) as bigint, { statuses: true });
    const { rows: found, statuses } = JSON.parse(Buffer.from(text).toString());
    if (statuses[0][0] === 'TOO_EARLY') {
      assert.ok((parseInstant(at) as bigint) < now, `TOO_EARLY after all events, at ${at}`);
      compared.tooEarly += 1;
      continue;
    }
    const want = view.features.map(({ name }) => {
      const value = wanted[i]?.[`newest__${name}`] ?? null;
      return typeof value === 'bigint' ? Number(value) : value;
    });
    assert.deepEqual(found[0], want, `seed ${seed}: user ${user_id} at ${at} (${statuses[0]})`);
    compared.values += want.length;
  }
  return compared;
}

test('lookups of a row view over a stream are the training set of the same rows', async (t) => {
  const { first, count } = chosenWorlds(12);
  const total = { values: 0, tooEarly: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const { values, tooEarly } = await tryStream(seed);
    total.values += values;
    total.tooEarly += tooEarly;
  }
  t.diagnostic(`${count} streams, ${total.values} values compared, ${total.tooEarly} lookups too early`);
  assert.ok(total.values >= count * 80);
  assert.ok(total.tooEarly > 0);
});
