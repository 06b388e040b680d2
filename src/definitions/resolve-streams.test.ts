import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

type Edit = Readonly<Record<string, unknown>>;

const COLUMNS = { id: 'string', user_id: 'int64', ts: 'timestamp', price: 'float64' };
const HISTORY = { path: 'old.parquet', format: 'parquet', until: '2026-03-01' };
const FILES = {
  'old.parquet': COLUMNS,
  'narrow.csv': { user_id: 'int32', ts: 'timestamp', price: 'float32' },
  'seconds.csv': { user_id: 'int64', at: 'int64', seen: 'int64', ts: 'string' },
};

const resolve = (source: Edit, view: Edit = {}, registered?: Catalog): Promise<Catalog> =>
  resolveDefinitions(
    {
      entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
      sources: [
        { name: 'taps', kind: 'stream', timestampColumn: 'ts', eventIdColumn: 'id', columns: COLUMNS, ...source },
      ],
      featureViews: [
        {
          ...{ name: 'spent', kind: 'aggregate', entities: ['user'], source: 'taps' },
          features: [{ name: 'n', aggregate: 'sum', column: 'price', window: '7d' }],
          ...view,
        },
      ],
    } as unknown as DefinitionsInput,
    {
      project: 'p',
      inspector: fakeInspector(FILES),
      compiler: fakeCompiler,
      ...(registered === undefined ? {} : { registered: registered.sources }),
    },
  );

async function mistakesOf(...edits: Parameters<typeof resolve>): Promise<string[]> {
  try {
    await resolve(...edits);
    return [];
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
    return (error.details.issues as readonly Mistake[]).map(({ path, found, expected, nearest }) =>
      [`${path}: ${found}`, expected, ...(nearest === null ? [] : [nearest])].join(' | '),
    );
  }
}

const PUSHED = 'the rows of a stream are pushed; files of the time before are its `history`';

const CASES: Readonly<Record<string, readonly [source: Edit, expected: readonly string[]]>> = {
  'no columns': [{ columns: undefined }, ['sources[0].columns: nothing | an object from column name to type']],
  'an id that is no column': [
    { eventIdColumn: 'idd' },
    ['sources[0].eventIdColumn: "idd" | a column: id, user_id, ts or price | id'],
  ],
  'an id of another type': [
    { eventIdColumn: 'price' },
    ['sources[0].eventIdColumn: column price of type float64 | a column of type string, int32 or int64'],
  ],
  'a time that is no column': [
    { timestampColumn: 'tss' },
    ['sources[0].timestampColumn: "tss" | a column: id, user_id, ts or price | ts'],
  ],
  'a number without a unit': [
    { timestampColumn: 'user_id' },
    ['sources[0].timestampUnit: nothing | s, ms or us, because column user_id is int64'],
  ],
  'names of the lake': [
    { columns: { ...COLUMNS, __mark: 'string' } },
    ['sources[0].columns.__mark: "__mark" | a name that does not start with __'],
  ],
  'names that differ in case': [
    { columns: { ...COLUMNS, ID: 'string' } },
    ['sources[0].columns.ID: "ID" beside "id" | names that differ in more than case'],
  ],
  'a created time': [
    { createdTimestampColumn: 'ts' },
    [
      'sources[0].createdTimestampColumn: the unknown key "createdTimestampColumn" | no createdTimestampColumn: an event of a stream is created when it arrives',
    ],
  ],
  'a path': [{ path: 'x.parquet' }, [`sources[0].path: the unknown key "path" | no path: ${PUSHED}`]],
  'a topic': [
    { topic: 'taps', envelope: 'json' },
    [
      'sources[0].topic: "taps" | no topic: topics of Kafka are not supported yet, and events come in by `plumb push` or HTTP',
    ],
  ],
  'an envelope without a topic': [{ envelope: 'json' }, ['sources[0].envelope: "json" | no envelope without a topic']],
  'an unknown envelope': [
    { envelope: 'jsn' },
    ['sources[0].envelope: "jsn" | json, debezium, avro or protobuf | json'],
  ],
  'durations that are none': [
    { maxFuture: '10', deadLetters: '7 d' },
    [
      'sources[0].maxFuture: "10" | a duration such as 1s, 10m, 1h or 7d',
      'sources[0].deadLetters: "7 d" | a duration such as 1s, 10m, 1h or 7d',
    ],
  ],
  'an unknown key': [
    { maxFutur: '10m' },
    [
      'sources[0].maxFutur: the unknown key "maxFutur" | name, kind, timestampColumn, timestampUnit, eventIdColumn, columns, topic, envelope, history, maxFuture, deadLetters, description or 2 more | maxFuture',
    ],
  ],
  'history without an end': [
    { history: { ...HISTORY, until: undefined } },
    ['sources[0].history.until: nothing | a text'],
  ],
  'an end that is no instant': [
    { history: { ...HISTORY, until: 'March' } },
    ['sources[0].history.until: "March" | an instant or a day, such as 2026-03-01T00:00:00Z or 2026-03-01'],
  ],
  'history without files': [
    { history: { ...HISTORY, path: 'none.parquet' } },
    ['sources[0].history.path: no file at none.parquet | at least one file (an empty one will do)'],
  ],
  'history in the lake': [
    { history: { ...HISTORY, path: 'lake://taps' } },
    ['sources[0].history.path: "lake://taps" | a file, a glob, or s3://bucket/prefix/*.parquet'],
  ],
  'history of files that lack a column': [
    { history: { ...HISTORY, path: 'narrow.csv', format: 'csv', columns: { ...COLUMNS } } },
    [
      'sources[0].history.columns.id: no column id | string',
      'sources[0].history.columns.user_id: column user_id of type int32 | int64',
      'sources[0].history.columns.price: column price of type float32 | float64',
    ],
  ],
  'a column of history that the stream does not have': [
    { history: { ...HISTORY, columns: { ...COLUMNS, prise: 'float64' } } },
    [
      'sources[0].history.columns.prise: "prise" | a column of the stream: id, user_id, ts or price | price',
      'sources[0].history.columns.prise: no column prise | float64 | price',
    ],
  ],
  'columns of history of other types': [
    { history: { ...HISTORY, columns: { ...COLUMNS, user_id: 'string', price: 'string', id: 'int64' } } },
    [
      'sources[0].history.columns.id: int64 | string, as in the stream',
      'sources[0].history.columns.user_id: string | int64, as in the stream, or int32',
      'sources[0].history.columns.price: string | float64, as in the stream, or float32 or int32',
      'sources[0].history.columns.id: column id of type string | int64',
      'sources[0].history.columns.user_id: column user_id of type int64 | string',
      'sources[0].history.columns.price: column price of type float64 | string',
    ],
  ],
  'a time of history without a type': [
    { history: { ...HISTORY, timestampColumn: 'at' } },
    [
      'sources[0].history.columns: nothing | the columns of the files, because timestampColumn at is no column of the stream',
    ],
  ],
  'a time of history without a unit': [
    {
      history: {
        ...{ ...HISTORY, path: 'seconds.csv', format: 'csv', timestampColumn: 'at' },
        columns: { user_id: 'int64', at: 'int64' },
      },
    },
    ['sources[0].history.timestampUnit: nothing | s, ms or us, because column at is int64'],
  ],
  'an unknown key of history': [
    { history: { ...HISTORY, eventIdColumn: 'id' } },
    [
      'sources[0].history.eventIdColumn: the unknown key "eventIdColumn" | path, format, until, columns, timestampColumn, timestampUnit, createdTimestampColumn, createdTimestampUnit, delimiter, nullValues, header or partitionColumns',
    ],
  ],
};

for (const [name, [source, expected]] of Object.entries(CASES)) {
  test(`mistake: ${name}`, async () => {
    const found = await mistakesOf(source);
    assert.deepEqual(found.toSorted(), expected.toSorted());
  });
}

test('mistake: a continuous view of a stream with a schedule of its own', async () => {
  assert.deepEqual(await mistakesOf({}, { schedule: '0 * * * *' }), [
    'featureViews[0].schedule: "0 * * * *" | no schedule: a continuous view follows the events of the stream taps by itself',
  ]);
  assert.deepEqual(await mistakesOf({}, { refresh: { every: '1h' } }), []);
});

test('mistake: keys of streams on a source of files', async () => {
  const batch = { kind: 'batch', path: 'old.parquet', format: 'parquet', eventIdColumn: 'id', maxFuture: '1h' };
  assert.deepEqual(await mistakesOf(batch), [
    'sources[0].eventIdColumn: the unknown key "eventIdColumn" | no eventIdColumn: it is of streams (kind: stream), whose rows are pushed',
    'sources[0].maxFuture: the unknown key "maxFuture" | no maxFuture: it is of streams (kind: stream), whose rows are pushed',
  ]);
});

test('a registered column keeps its type, as events have it; columns come and go', async () => {
  const registered = await resolve({});
  const change = (columns: Edit) => mistakesOf({ columns }, {}, registered);
  assert.deepEqual(await change({ ...COLUMNS, user_id: 'int32', price: 'float32' }), [
    'sources[0].columns.user_id: int32 | int64, as in the events that there are; give the source a new name, or the column',
    'sources[0].columns.price: float32 | float64, as in the events that there are; give the source a new name, or the column',
  ]);
  assert.deepEqual(await change({ ...COLUMNS, more: 'bool' }), []);
  const { id, ts, user_id, price } = COLUMNS;
  assert.deepEqual(
    await mistakesOf(
      { columns: { id, ts, user_id, price } },
      {},
      await resolve({ columns: { ...COLUMNS, more: 'bool' } }),
    ),
    [],
  );
});

test('a stream is read as its lake, whose created time is the append time', async () => {
  const taps = (await resolve({})).sources.get('taps');
  assert.equal(taps?.kind, 'stream');
  assert.equal(taps.path, 'lake://taps');
  assert.equal(taps.format, 'parquet');
  assert.equal(taps.createdTimestampColumn, '__append_time');
  assert.deepEqual([...taps.columns.keys()], ['id', 'user_id', 'ts', 'price']);
  assert.deepEqual(taps.stream, {
    eventIdColumn: 'id',
    maxFutureMicros: 600_000_000n,
    deadLettersMicros: null,
    history: null,
  });
});

test('a history has the columns and times of the stream, or its own', async () => {
  const as = async (history: Edit) =>
    (await resolve({ deadLetters: '7d', history: { ...HISTORY, ...history } })).sources.get('taps')?.stream?.history;
  const same = await as({});
  assert.equal(same?.untilMicros, 1_772_323_200_000_000n);
  assert.equal(same.source.name, 'taps.history');
  assert.deepEqual(Object.fromEntries(same.source.columns), COLUMNS);
  const columns = { user_id: 'int64', at: 'int64', seen: 'int64' };
  const own = await as({
    ...{ path: 'seconds.csv', format: 'csv', until: '2026-03-01T12:00:00+01:00', columns, delimiter: ';' },
    ...{ timestampColumn: 'at', timestampUnit: 's', createdTimestampColumn: 'seen' },
  });
  assert.equal(own?.untilMicros, 1_772_362_800_000_000n);
  assert.deepEqual(
    [own.source.timestampColumn, own.source.timestampUnit, own.source.createdTimestampColumn],
    ['at', 's', 'seen'],
  );
  assert.deepEqual(own.source.csv?.delimiter, ';');
  const narrow = { path: 'narrow.csv', format: 'csv', columns: FILES['narrow.csv'] };
  assert.deepEqual(Object.fromEntries((await as(narrow))?.source.columns ?? []), FILES['narrow.csv']);
});
