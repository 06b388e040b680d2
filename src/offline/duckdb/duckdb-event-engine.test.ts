import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import type { DeclaredType } from '../../../schemas/types.ts';
import { fakeInspector } from '../../../test/support/fake-ports.ts';
import type { AggregateView } from '../../catalog/catalog.ts';
import { resolveDefinitions } from '../../definitions/resolve.ts';
import { EventTextReader } from '../../ingest/push/event-text.ts';
import { parseInstant } from '../../instant.ts';
import type { Json } from '../../json-value.ts';
import { viewEntry } from '../../online/entry/view-entry.ts';
import { planEntryRows } from '../../plan/plan-entries.ts';
import type { EngineEvent } from '../event-engine.ts';
import { DuckdbEventEngine } from './duckdb-event-engine.ts';
import { createDuckdbExpressionCompiler } from './expression-compiler.ts';
import { DuckdbSession } from './session.ts';

const LIMITS = { memoryBytes: 2 ** 30, threads: 1 };
const NOW = parseInstant('2026-01-08T12:00:00Z') as bigint;
const VALUES: Readonly<Record<string, DeclaredType>> = {
  ...{ s: 'string', b: 'bool', i: 'int32', j: 'int64', f: 'float32', x: 'float64', t: 'timestamp', y: 'bytes' },
  ...{ ls: 'list<string>', lj: 'list<int64>', lx: 'list<float64>', lt: 'list<timestamp>', v: 'vector<float32,2>' },
};

await using parser = await DuckdbSession.open({ ...LIMITS, files: [], folders: [] });
const catalog = await resolveDefinitions(
  {
    entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
    sources: [
      {
        ...{ name: 'taps', kind: 'stream', timestampColumn: 'ts', eventIdColumn: 'id' },
        columns: { id: 'string', user_id: 'int64', ts: 'timestamp', ...VALUES },
        history: { path: 'old.parquet', format: 'parquet', until: '2026-01-02' },
      },
    ],
    featureViews: [
      {
        ...{ name: 'last', kind: 'aggregate', entities: ['user'], source: 'taps' },
        features: Object.keys(VALUES).map((name) => ({
          ...{ name: `last_${name}`, aggregate: 'last' as const, column: name, window: '7d' as const },
        })),
      },
    ],
  },
  {
    project: 'shop',
    inspector: fakeInspector({ 'old.parquet': { id: 'string', user_id: 'int64', ts: 'timestamp', ...VALUES } }),
    compiler: createDuckdbExpressionCompiler((sql, parameters) => parser.prepared(sql, parameters)),
  },
);
const view = catalog.views.get('last') as AggregateView;
const plan = planEntryRows(catalog, view, viewEntry(view).inputs);
const source = catalog.sources.get('taps');
assert.ok(source !== undefined);
const reader = new EventTextReader(source, new Set(['user_id']));
const engine = await DuckdbEventEngine.open(LIMITS);
after(() => engine[Symbol.asyncDispose]());

/** Of an event that push accepts. */
function accepted(offset: number, values: Json): EngineEvent {
  const event = { id: '1234567890123456', user_id: 7, ts: '2026-01-03T00:00:00Z', ...(values as object) };
  const reading = reader.read(event, NOW);
  assert.ok('event' in reading, inspect(reading));
  return { offset: BigInt(offset), appendMicros: NOW + BigInt(offset), text: reading.event.text };
}

test('what push accepts the engine reads to the same value, whatever its type', async () => {
  const first = parseInstant('0001-01-01T00:00:00Z') as bigint;
  const last = parseInstant('9999-12-31T23:59:59.999999Z') as bigint;
  const cases: readonly (readonly [name: string, sent: Json, read: unknown])[] = [
    ...['', 'true', '1.5', '1e400', '[1]', '{"a":1}', 'null', 'a"b\\\n', 'é\u0000x', '0012'].map(
      (text) => ['s', text, text] as const,
    ),
    ...[true, false].map((flag) => ['b', flag, flag] as const),
    ...[2147483647, -2147483648].map((whole) => ['i', whole, whole] as const),
    ...[9223372036854775807n, -9223372036854775808n, '9007199254740993'].map(
      (whole) => ['j', whole, BigInt(whole)] as const,
    ),
    ['f', 3.4028234663852886e38, 3.4028234663852886e38],
    ['f', 0.1, Math.fround(0.1)],
    ...[1.7976931348623157e308, 5e-324, -1e21, 0.1, 1e-7].map((number) => ['x', number, number] as const),
    ['x', -0, 0],
    ['x', 9007199254740993n, 9007199254740992],
    ['t', '0001-01-01T00:00:00Z', first],
    ['t', '9999-12-31T23:59:59.9999999Z', last],
    ['y', '', new Uint8Array()],
    ['y', '/wA=', new Uint8Array([255, 0])],
    ['ls', ['1.5', 'true', null, '[', '', '1234567890123456.5'], ['1.5', 'true', null, '[', '', '1234567890123456.5']],
    ['ls', [], []],
    ['lj', [9223372036854775807n, null, '-5'], [9223372036854775807n, null, -5n]],
    ['lx', [1e300, -0, 5e-324, 9007199254740993n], [1e300, 0, 5e-324, 9007199254740992]],
    ['lt', ['0001-01-01T00:00:00Z', null], [first, null]],
    ['v', [0.5, -2], [0.5, -2]],
  ];
  const events = cases.map(([name, sent], i) => accepted(i, { [name]: sent }));
  const [rows = []] = await engine.rowsOf(events, [plan]);
  const names = Object.keys(VALUES);
  for (const [i, [name, sent, read]] of cases.entries()) {
    const row = rows[i];
    assert.deepEqual([row?.offset, row?.keys, row?.createdMicros], [BigInt(i), [7n], NOW + BigInt(i)]);
    const got = row?.cells[names.indexOf(name)];
    const isBytes = got instanceof Uint8Array && read instanceof Uint8Array;
    if (isBytes) assert.ok(Buffer.compare(got, read) === 0, name);
    else assert.deepEqual(got, read, `${name}: ${String(sent)}`);
    assert.equal(row?.cells.filter((cell) => cell !== null).length, 1, name);
  }
});

test('events before the end of history, and those of erased keys, count nowhere', async () => {
  const micros = parseInstant('2026-01-04T00:00:00Z') as bigint;
  const erased = [{ places: [0], keys: [{ values: [8n], beforeMicros: micros }] }];
  const events = [
    accepted(0, { ts: '2026-01-01T23:59:59.999999Z' }),
    accepted(1, { ts: '2026-01-02T00:00:00Z' }),
    accepted(2, { user_id: 8 }),
    accepted(3, { user_id: 8, ts: '2026-01-04T00:00:00Z' }),
  ];
  const found = await engine.rowsOf(events, [{ ...plan, erased } as unknown as typeof plan, plan]);
  assert.deepEqual(
    found.map((rows) => rows.map(({ offset }) => Number(offset))),
    [
      [1, 3],
      [1, 2, 3],
    ],
  );
});

test('batches leave nothing behind: far more goes through than the engine may hold', async () => {
  await using small = await DuckdbEventEngine.open({ memoryBytes: 64 * 2 ** 20, threads: 1 });
  const text = accepted(0, { s: 'x'.repeat(40_000) }).text;
  const events = Array.from({ length: 50 }, (_, i) => ({ offset: BigInt(i), appendMicros: NOW, text }));
  for (let batch = 0; batch < 60; batch += 1) {
    const [rows = []] = await small.rowsOf(events, [plan]);
    assert.equal(rows.length, 50);
  }
});
