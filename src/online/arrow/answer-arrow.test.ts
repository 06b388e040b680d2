// An Arrow answer holds what the JSON and the values say: every type, status, default, role and several batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { type DataType, shapeOf, type Value } from '../../../schemas/types.ts';
import { AT, anyWorld, fakeWorld } from '../../../test/support/any-world.ts';
import { columnValues } from '../../../test/support/arrow-values.ts';
import { at, catalogOf, FakeWorld, parseAnswer, rowView } from '../../../test/support/fake-world.ts';
import { formatInstant } from '../../instant.ts';
import { MOST_BYTES } from '../answer-json.ts';
import { encoderFor } from '../entity-key.ts';
import { MemoryOnlineStore } from '../memory/memory-online-store.ts';
import { valueText } from '../value-json.ts';
import { AnswerRoom } from './answer-room.ts';
import { arrowType, newColumn } from './arrow-types.ts';

const OPTIONS = { statuses: true, eventTimes: true, asOf: true } as const;

test('values, statuses, event times and metadata equal those of the JSON and of the values', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (one) => {
      const { fake, entities } = await fakeWorld(one);
      const json = await fake.lookup.lookup({ service: 's' }, entities, at(AT), OPTIONS);
      const values = await fake.lookup.values({ service: 's' }, entities, at(AT), OPTIONS);
      const found = read(await fake.lookup.arrow({ service: 's' }, entities, at(AT), OPTIONS));
      const answer = parseAnswer(json);
      const types = answer.features.map((name) =>
        name.endsWith('_new') ? 'list<string>' : (one.features[Number(name.split('_f')[1])]?.type as DataType),
      );
      assert.deepEqual(found.types, types.map(arrowTypeName));
      assert.deepEqual(found.features, answer.features);
      assert.deepEqual(found.rows, values.rows);
      assert.deepEqual(found.statuses, answer.statuses);
      assert.deepEqual(found.eventTimes, answer.eventTimes);
      const written = found.rows.map(
        (row) => `[${row.map((value, i) => textOf(types[i] as DataType, value)).join(',')}]`,
      );
      assert.ok(Buffer.from(json).includes(`"rows":[${written.join(',')}]`), written.join());
      const { service, version, at: instant, asOf, changed } = answer;
      assert.deepEqual(found.head, { service, version, at: instant, asOf, changed });
    }),
    { numRuns: 300 },
  );
});

/** What a reader makes of an answer with all its parts, in the forms of the JSON. */
function read(bytes: Uint8Array) {
  const table = tableFromIPC(bytes);
  const { fields, metadata } = table.schema;
  const columns = columnValues(table);
  const count = Number(metadata.get('features'));
  const eventTimes = fields.slice(0, count).map((field) => {
    const column = fields.findIndex(({ name }) => name === field.metadata.get('eventTime'));
    return (columns[column] ?? Array<Value>(table.numRows).fill(null)).map((micros) =>
      micros === null ? null : formatInstant(micros as bigint),
    );
  });
  const names = fields.map(({ name }) => name);
  assert.deepEqual(
    names.slice(count, 2 * count),
    names.slice(0, count).map((name) => `${name}__status`),
  );
  return {
    types: fields.slice(0, count).map(({ type }) => String(type)),
    features: names.slice(0, count),
    rows: rowsOf(columns.slice(0, count), table.numRows),
    statuses: rowsOf(columns.slice(count, 2 * count), table.numRows),
    eventTimes: rowsOf(eventTimes, table.numRows),
    head: {
      service: metadata.get('service') ?? null,
      version: Number(metadata.get('version')),
      at: metadata.get('at'),
      asOf: JSON.parse(metadata.get('asOf') ?? 'null'),
      changed: metadata.has('changed') ? JSON.parse(metadata.get('changed') ?? '') : undefined,
    },
  };
}

const rowsOf = <T>(columns: readonly (readonly T[])[], count: number): T[][] =>
  Array.from({ length: count }, (_, row) => columns.map((column) => column[row] as T));

const textOf = (type: DataType, value: Value): string => Buffer.from(valueText(type, value)).toString();

const ARROW_NAMES = {
  bool: 'Bool',
  int32: 'Int32',
  int64: 'Int64',
  float32: 'Float32',
  float64: 'Float64',
  string: 'Utf8',
  timestamp: 'Timestamp<MICROSECOND, UTC>',
  bytes: 'Binary',
} as const;

function arrowTypeName(type: DataType): string {
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return ARROW_NAMES[shape.type];
    case 'list':
      return `List<${ARROW_NAMES[shape.element]}>`;
    case 'vector':
      return `FixedSizeList[3]<${ARROW_NAMES[shape.element]}>`;
    case 'map':
      return `Map<{key:Utf8, value:${ARROW_NAMES[shape.value]}}>`;
    case 'struct':
      return `Struct<{${shape.fields.map((field) => `${field.name}:${ARROW_NAMES[field.type]}`).join(', ')}}>`;
  }
}

const wide = rowView('wide', { id: 'int32' }, [
  { name: 'number', type: 'float64' },
  { name: 'vector', type: 'vector<float32,400>', default: Array<number>(400).fill(0.5) },
]);
const ids = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

async function wideWorld(rows: number): Promise<FakeWorld> {
  const world = new FakeWorld(catalogOf([wide]), new MemoryOnlineStore());
  const values = (id: number): Value[] => [id / 3, id % 2 === 0 ? null : Array.from({ length: 400 }, (_, i) => i + id)];
  await world.materialize(
    wide,
    AT,
    Array.from({ length: rows }, (_, id) => ({ keys: [id], values: values(id), event: AT })),
  );
  return world;
}

test('batches are bounded, and hold the rows in their order', async () => {
  const world = await wideWorld(600);
  const bytes = await world.lookup.arrow({ features: ['wide:*'] }, ids(600), at(AT));
  const table = tableFromIPC(bytes);
  assert.deepEqual(
    table.batches.map(({ numRows }) => numRows),
    [249, 249, 102],
  );
  const [numbers, vectors] = columnValues(table);
  assert.deepEqual(
    numbers,
    Array.from({ length: 600 }, (_, id) => id / 3),
  );
  assert.deepEqual(
    vectors?.[599],
    Array.from({ length: 400 }, (_, i) => i + 599),
  );
  assert.deepEqual(vectors?.[598], Array<number>(400).fill(0.5));
});

test('others have their turns while a long answer is read, defaults that no row holds included', async () => {
  const world = await wideWorld(0);
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const vectors = await world.lookup.arrow({ features: ['wide:vector'] }, ids(9000), at(AT));
  isDone = true;
  assert.ok(turns > 10, `${turns} turns`);
  assert.equal(tableFromIPC(vectors).numRows, 9000);
});

test('no entities: columns without rows', async () => {
  const world = await wideWorld(1);
  const table = tableFromIPC(await world.lookup.arrow({ features: ['wide:*'] }, [], at(AT), { statuses: true }));
  assert.equal(table.numRows, 0);
  assert.deepEqual(
    table.schema.fields.map(({ name }) => name),
    ['wide__number', 'wide__vector', 'wide__number__status', 'wide__vector__status'],
  );
});

test('an answer of more than 64 MiB is refused before it is held, nulls of vectors included', async () => {
  const big = rowView('big', { id: 'int32' }, [
    { name: 'vector', type: 'vector<float32,20000>' },
    { name: 'text', type: 'string', default: 'x'.repeat(100_000) },
  ]);
  const world = new FakeWorld(catalogOf([big]), new MemoryOnlineStore());
  await world.materialize(big, AT, []);
  const ask = (features: string[], count: number) => world.lookup.arrow({ features }, ids(count), at(AT));
  const tooLarge = { code: 'TOO_LARGE', details: { limit: 'answerBytes', maxBytes: 2 ** 26 } };
  await assert.rejects(ask(['big:vector'], 1000), tooLarge);
  await assert.rejects(ask(['big:text'], 1000), tooLarge);
  assert.equal(tableFromIPC(await ask(['big:*'], 300)).numRows, 300);
  await assert.rejects(ask(['big:*'], 600_000), {
    code: 'TOO_LARGE',
    details: { limit: 'values', maxValues: 1_000_000 },
  });
});

test('columns that grow side by side share the room of the answer', () => {
  const size = 2 ** 20;
  const texts: Readonly<Record<string, string>> = {
    string: `"${'x'.repeat(size)}"`,
    bytes: `"${'A'.repeat(size)}"`,
    'list<float64>': `[${Array(size / 8).fill('1')}]`,
  };
  for (const [type, text] of Object.entries(texts)) {
    const room = new AnswerRoom();
    const columns = Array.from({ length: 8 }, () => newColumn(type as DataType, arrowType(type as DataType), 8, room));
    const bytes = Buffer.from(text);
    let added = 0;
    const fill = (): void => {
      for (let row = 0; row < 1000; row += 1)
        for (const column of columns) {
          column.add(bytes, 0, bytes.length);
          added += size;
        }
    };
    assert.throws(fill, { code: 'TOO_LARGE' }, type);
    assert.ok(added <= 2 * MOST_BYTES, `${type}: ${added}`);
  }
});

test('two columns of one name are refused', async () => {
  const view = rowView('v', { id: 'int32' }, [
    { name: 'a', type: 'bool' },
    { name: 'a__status', type: 'bool' },
    { name: 'event_time', type: 'bool' },
  ]);
  const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  await world.materialize(view, AT, []);
  const ask = (features: string[], options: object) => world.lookup.arrow({ features }, ids(1), at(AT), options);
  const refused = (column: string) => ({ code: 'INVALID_REQUEST', details: { column } });
  await assert.rejects(ask(['v:a', 'v:a'], {}), refused('v__a'));
  await assert.rejects(ask(['v:a', 'v:a__status'], { statuses: true }), refused('v__a__status'));
  await assert.rejects(ask(['v:event_time'], { eventTimes: true }), refused('v__event_time'));
  assert.equal(tableFromIPC(await ask(['v:*'], {})).numCols, 3);
});

test('int64 as text is for JSON: the column is int64 all the same', async () => {
  const view = rowView('v', { id: 'int32' }, [{ name: 'n', type: 'int64' }]);
  const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  await world.materialize(view, AT, [{ keys: [0], values: [2n ** 63n - 1n], event: AT }]);
  const bytes = await world.lookup.arrow({ features: ['v:n'] }, ids(1), at(AT), { int64: 'string' });
  assert.deepEqual(columnValues(tableFromIPC(bytes)), [[2n ** 63n - 1n]]);
});

test('a stored text that is none of its type is STORAGE_CORRUPT', async () => {
  const view = rowView('v', { id: 'string' }, [{ name: 'n', type: 'int64' }]);
  const world = new FakeWorld(catalogOf([view]), new MemoryOnlineStore());
  await world.materialize(view, AT, [{ keys: ['k'], values: [7n], event: AT }]);
  const [field = ''] = await world.store.listFields();
  const entity = encoderFor(view.entities, view.joinKeys).encode(['k']);
  const row = Uint8Array.from(
    (await world.store.read([{ entities: [entity], fields: [field] }], [])).rows[0]?.[0]?.[0] ?? [],
  );
  row.set(Buffer.from('x'), row.length - 1);
  await world.store.writeRows(field, 1n, [{ entity, row }]);
  await assert.rejects(world.lookup.arrow({ features: ['v:n'] }, [{ id: 'k' }], at(AT)), { code: 'STORAGE_CORRUPT' });
});

test('no column takes a text of another type', () => {
  const texts: Readonly<Record<string, readonly string[]>> = {
    bool: ['1', 'yes!', '"true"', 'tru'],
    int32: ['true', '"1"', '', '-', '1.', '--1', '1.5', '2147483648'],
    int64: ['1.5', '9223372036854775808', '-9223372036854775809', '12345678901234567890', '-', '', '1x', '"1"'],
    float64: ['true', '"1"', '', '1.2.3', '0x10'],
    string: ['1', '"', 'true', ''],
    timestamp: ['"2026-01-08"x', '"2026-01-08 00:00:0aZ"', '12', '"2026-13-08T00:00:00.0000001Z"'],
    bytes: ['1', '"'],
    'list<int32>': ['1', '[1', '1]', '[1,]', '[x]'],
    'vector<float32,2>': ['[1]', '[1,2,3]', '[]', '[1,"2"]'],
    'map<string,int32>': ['[]', '{', '{"a"}', '{"a":}', '{"a":"1"}', '{"a":1', '{a:1}', '{"a":1,}', '{"a:1}'],
    'struct<a:int32,b:bool>': [
      '{}',
      '{"a":1}',
      '{"b":true,"a":1}',
      '{"a":1,"b":true,"c":1}',
      '{"a":true,"b":true}',
      '1',
    ],
  };
  for (const [type, wrong] of Object.entries(texts))
    for (const text of wrong) {
      const column = newColumn(type as DataType, arrowType(type as DataType), 1, new AnswerRoom());
      assert.throws(() => column.add(Buffer.from(text), 0, text.length), SyntaxError, `${type} ${text}`);
    }
});
