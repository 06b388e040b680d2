import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { type FakeFiles, fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

const CLICKS = {
  uid: 'int64',
  ts: 'timestamp',
  ingested: 'timestamp',
  price: 'float64',
  qty: 'int32',
  kind: 'string',
  ok: 'bool',
  tags: 'list<string>',
  at_ms: 'int64',
  f32: 'float32',
};
const FILES: FakeFiles = {
  'clicks.parquet': { ...CLICKS, huge: 'HUGEINT' },
  'users.csv': { user_id: 'int64', ts: 'int64', age: 'int64', name: 'string' },
  'empty.jsonl': null,
};

/** A sound world; each case changes a few places of it. */
const world = () => ({
  entities: [
    { name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] },
    { name: 'item', joinKeys: [{ name: 'item_id', type: 'string' }] },
  ],
  sources: [
    {
      name: 'clicks',
      kind: 'batch',
      path: 'clicks.parquet',
      format: 'parquet',
      timestampColumn: 'ts',
      createdTimestampColumn: 'ingested',
    },
    {
      name: 'users',
      kind: 'batch',
      path: 'users.csv',
      format: 'csv',
      timestampColumn: 'ts',
      timestampUnit: 'ms',
      columns: { user_id: 'int64', ts: 'int64', age: 'int64', name: 'string' },
    },
  ],
  featureViews: [
    {
      name: 'profile',
      kind: 'row',
      entities: ['user'],
      source: 'users',
      ttl: '90d',
      features: [
        { name: 'age', type: 'float64', default: 1 },
        { name: 'adult', type: 'bool', expression: 'age > 18' },
      ],
    },
    {
      name: 'activity',
      kind: 'aggregate',
      entities: ['user'],
      source: 'clicks',
      joinKeyColumns: { user_id: 'uid' },
      where: "kind = 'click'",
      features: [
        { name: 'n_7d', aggregate: 'count', window: '7d' },
        { name: 'spend', aggregate: 'sum', column: 'price', window: '1d', default: 0 },
        { name: 'last3', aggregate: 'last_n', n: 3, column: 'kind', window: '1h' },
      ],
    },
  ],
  featureServices: [
    {
      name: 'ranking',
      features: [
        'profile:age',
        'activity:*',
        { view: 'profile', features: ['adult'], joinKeys: { user_id: 'seller' }, prefix: 'seller_' },
      ],
    },
  ],
});

const REMOVED = Symbol('removed');
type Edits = Readonly<Record<string, unknown>>;

/** Sets (or removes) values by paths such as `featureViews[0].ttl`; an index behind the last item appends. */
function edited(edits: Edits): unknown {
  const root: unknown = world();
  for (const [path, value] of Object.entries(edits)) {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
    const last = keys.pop() ?? '';
    const target = keys.reduce<unknown>((at, key) => Reflect.get(Object(at), key), root);
    if (value === REMOVED) Reflect.deleteProperty(Object(target), last);
    else Reflect.set(Object(target), last, value);
  }
  return root;
}

const resolve = (definitions: unknown) =>
  resolveDefinitions(definitions as DefinitionsInput, {
    project: 'p',
    inspector: fakeInspector(FILES),
    compiler: fakeCompiler,
  });

async function mistakesOf(edits: Edits): Promise<string[]> {
  try {
    await resolve(edited(edits));
    return [];
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
    const issues = error.details.issues as readonly Mistake[];
    return issues.map(
      ({ path, object, found, expected, nearest }) =>
        `${path} (${object}): ${found} | ${expected}${nearest === null ? '' : ` | ${nearest}`}`,
    );
  }
}

const VIEW = 'featureViews[1]';
const IN_VIEW = 'feature view activity';
const FEATURE = `${VIEW}.features[1]`;
const IN_FEATURE = `${IN_VIEW}, feature spend`;
const COLUMNS = 'uid, ts, ingested, price, qty, kind, ok, tags, at_ms or f32';
const AGGREGATES =
  'count, sum, mean, stddev_pop, stddev_samp, var_pop, var_samp, min, max, first, last, last_n or 12 more';

const CASES: Readonly<Record<string, readonly [Edits, readonly string[]]>> = {
  'unknown key': [
    { 'entities[0].joinkeys': 1 },
    [
      'entities[0].joinkeys (entity user): the unknown key "joinkeys" | name, joinKeys, description, owner or tags | joinKeys',
    ],
  ],
  'unknown key of a feature': [
    { [`${FEATURE}.windw`]: '1d' },
    [
      `${FEATURE}.windw (${IN_FEATURE}): the unknown key "windw" | name, aggregate, column, expression, where, columns, by, top, as, window, offset, hop or 7 more | window`,
    ],
  ],
  'unknown list': [
    { entitys: [] },
    ['entitys (null): the unknown key "entitys" | entities, sources, featureViews or featureServices | entities'],
  ],
  'a list that is none': [{ entities: 'x', featureViews: [], featureServices: [] }, ['entities (null): "x" | a list']],
  'bad name': [
    { 'entities[1].name': '1a' },
    ['entities[1].name (entity 1a): "1a" | a name of letters, digits and _, not starting with a digit'],
  ],
  'missing name': [
    { 'entities[1].name': REMOVED },
    ['entities[1].name (null): nothing | a name of letters, digits and _, not starting with a digit'],
  ],
  'no object': [
    { 'entities[1]': 7 },
    ['entities[1] (null): 7 | an object with name, joinKeys, description, owner or tags'],
  ],
  'join key type': [
    { 'entities[1].joinKeys[0].type': 'in64' },
    ['entities[1].joinKeys[0].type (entity item): "in64" | string, int32, int64 or bool | int64'],
  ],
  'no join keys': [{ 'entities[1].joinKeys': [] }, ['entities[1].joinKeys (entity item): [] | at least one join key']],
  'join key twice': [
    { 'entities[1].joinKeys[1]': { name: 'item_id', type: 'bool' } },
    ['entities[1].joinKeys[1].name (entity item): "item_id" | every join key once'],
  ],
  'tag that is no text': [
    { 'entities[1].tags': { team: 1 } },
    ['entities[1].tags.team (entity item): 1 | a text (put numbers and booleans in quotes)'],
  ],
  'duplicate entity': [
    { 'entities[2]': { name: 'user', joinKeys: [{ name: 'x', type: 'bool' }] } },
    [
      'entities[2].name (entity user): "user", which is defined in definitions already | a name that no other entity has',
    ],
  ],
  'query source': [
    { 'sources[0].kind': 'query' },
    ['sources[0].kind (source clicks): "query" | batch or stream: sources of kind query are not supported yet'],
  ],
  'unknown source kind': [
    { 'sources[0].kind': 'btch' },
    ['sources[0].kind (source clicks): "btch" | batch or stream | batch'],
  ],
  'source elsewhere': [
    { 'sources[1].path': 'gs://bucket/x.csv' },
    ['sources[1].path (source users): "gs://bucket/x.csv" | a file, a glob, or s3://bucket/prefix/*.parquet'],
  ],
  'bucket without objects': [
    { 'sources[1].path': 's3://bucket' },
    ['sources[1].path (source users): "s3://bucket" | a file, a glob, or s3://bucket/prefix/*.parquet'],
  ],
  'missing file': [
    { 'sources[0].path': 'gone.parquet' },
    ['sources[0].path (source clicks): no file at gone.parquet | at least one file (an empty one will do)'],
  ],
  'csv without columns': [
    { 'sources[1].columns': REMOVED },
    ['sources[1].columns (source users): nothing | columns, because csv files do not carry types'],
  ],
  'bad column type': [
    { 'sources[1].columns.age': 'int46' },
    [
      'sources[1].columns.age (source users): "int46" | a type: bool, int32, int64, float32, float64, string, timestamp, bytes, list<type> or vector<float32,N> | int64',
    ],
  ],
  'column of another type': [
    { 'sources[1].columns.age': 'int32' },
    ['sources[1].columns.age (source users): column age of type int64 | int32'],
  ],
  'column that is not there': [
    { 'sources[1].columns.nam': 'string' },
    ['sources[1].columns.nam (source users): no column nam | string | name'],
  ],
  'timestamp column unknown': [
    { 'sources[0].timestampColumn': 'tss' },
    [`sources[0].timestampColumn (source clicks): "tss" | a column: ${COLUMNS} | ts`],
  ],
  'timestamp column is text': [
    { 'sources[0].timestampColumn': 'kind' },
    [
      'sources[0].timestampColumn (source clicks): column kind of type string | a timestamp, or int64, int32 or float64 with timestampUnit',
    ],
  ],
  'number without unit': [
    { 'sources[1].timestampUnit': REMOVED },
    ['sources[1].timestampUnit (source users): nothing | s, ms or us, because column ts is int64'],
  ],
  'timestamp with unit': [
    { 'sources[0].timestampUnit': 's' },
    ['sources[0].timestampUnit (source clicks): "s" | no unit, because column ts is a timestamp'],
  ],
  'created unit without column': [
    { 'sources[1].createdTimestampUnit': 's' },
    ['sources[1].createdTimestampUnit (source users): "s" | no createdTimestampUnit without a createdTimestampColumn'],
  ],
  'created number without unit': [
    { 'sources[0].createdTimestampColumn': 'at_ms' },
    ['sources[0].createdTimestampUnit (source clicks): nothing | s, ms or us, because column at_ms is int64'],
  ],
  'view kind': [
    { [`${VIEW}.kind`]: 'agregate' },
    [`${VIEW}.kind (${IN_VIEW}): "agregate" | row, aggregate or label | aggregate`],
  ],
  'unknown entity': [
    { [`${VIEW}.entities[0]`]: 'usr' },
    [`${VIEW}.entities[0] (${IN_VIEW}): "usr" | an entity: user or item | user`],
  ],
  'entity twice': [
    { [`${VIEW}.entities[1]`]: 'user' },
    [
      `${VIEW}.entities[1] (${IN_VIEW}): entity user with join key user_id | entities with different join keys: user has user_id too`,
    ],
  ],
  'unknown source': [
    { [`${VIEW}.source`]: 'click' },
    [`${VIEW}.source (${IN_VIEW}): "click" | a source: clicks or users | clicks`],
  ],
  'unknown join key column': [
    { [`${VIEW}.joinKeyColumns.user_id`]: 'uidd' },
    [`${VIEW}.joinKeyColumns.user_id (${IN_VIEW}): "uidd" | a column of source clicks: ${COLUMNS} | uid`],
  ],
  'no column for a join key': [
    { [`${VIEW}.joinKeyColumns`]: REMOVED },
    [`${VIEW}.joinKeyColumns (${IN_VIEW}): "user_id" | a column of source clicks: ${COLUMNS}`],
  ],
  'unknown join key': [
    { [`${VIEW}.joinKeyColumns.userid`]: 'uid' },
    [`${VIEW}.joinKeyColumns.userid (${IN_VIEW}): "userid" | a join key of the view: user_id | user_id`],
  ],
  'join key column of another type': [
    { [`${VIEW}.joinKeyColumns.user_id`]: 'price' },
    [
      `${VIEW}.joinKeyColumns.user_id (${IN_VIEW}): column price of type float64 | int64 or int32, the type of join key user_id`,
    ],
  ],
  'where is no condition': [
    { [`${VIEW}.where`]: 'price' },
    [`${VIEW}.where (${IN_VIEW}): "price" of type float64 | a condition of type bool`],
  ],
  'where does not compile': [
    { [`${VIEW}.where`]: 'prise > 1' },
    [
      `${VIEW}.where (${IN_VIEW}): unknown column prise | uid, ts, ingested, price, qty, kind, ok, tags, at_ms or f32 | price`,
    ],
  ],
  'created_time without created column': [
    { 'featureViews[0].visibleFrom': 'created_time' },
    [
      'featureViews[0].visibleFrom (feature view profile): "created_time" | event_time, or a createdTimestampColumn in source users',
    ],
  ],
  'bad duration': [
    { 'featureViews[0].ttl': '7 days', featureServices: [] },
    ['featureViews[0].ttl (feature view profile): "7 days" | a duration such as 1s, 10m, 1h or 7d'],
  ],
  'too long a duration': [
    { 'featureViews[0].ttl': '99999d' },
    ['featureViews[0].ttl (feature view profile): "99999d" | a duration of at most 36500d'],
  ],
  'schedule beside refresh': [
    { 'featureViews[0].refresh': { every: '1h' }, 'featureViews[0].schedule': '0 3 * * *' },
    [
      'featureViews[0].schedule (feature view profile): "0 3 * * *" | no schedule beside refresh, which says when the view is run',
    ],
  ],
  'a day that no month has': [
    { 'featureViews[0].schedule': '0 0 31 2 *' },
    [
      'featureViews[0].schedule (feature view profile): "0 0 31 2 *" | five fields of cron in UTC that some instant fits, such as "0 3 * * *"',
    ],
  ],
  'cron of four fields, and catching up with nothing': [
    { 'featureViews[0].schedule': '0 3 * *', 'featureViews[0].catchUp': 'each', featureServices: [] },
    ['featureViews[0].schedule (feature view profile): "0 3 * *" | five fields of cron, such as "0 3 * * *"'],
  ],
  'catchUp without a time to run': [
    { 'featureViews[0].catchUp': 'each' },
    ['featureViews[0].catchUp (feature view profile): "each" | refresh or schedule beside it'],
  ],
  'ttl in an aggregate view': [
    { [`${VIEW}.ttl`]: '1d' },
    [
      `${VIEW}.ttl (${IN_VIEW}): the unknown key "ttl" | kind, name, entities, source, joinKeyColumns, where, refresh, schedule, catchUp, visibleFrom, online, description or 3 more`,
    ],
  ],
  'no features': [{ [`${VIEW}.features`]: [] }, [`${VIEW}.features (${IN_VIEW}): [] | at least one feature`]],
  'feature twice': [
    { [`${VIEW}.features[3]`]: { name: 'n_7d', aggregate: 'count', window: '1d' }, featureServices: [] },
    [`${VIEW}.features[3].name (${IN_VIEW}, feature n_7d): "n_7d" | every feature name once in a view`],
  ],
  'row feature without its column': [
    { 'featureViews[0].features[0].name': 'agee', featureServices: [] },
    [
      'featureViews[0].features[0].name (feature view profile, feature agee): "agee" | a column of source users: user_id, ts, age or name | age',
    ],
  ],
  'row feature of another type': [
    { 'featureViews[0].features[0].type': 'string', 'featureViews[0].features[0].default': REMOVED },
    [
      'featureViews[0].features[0].type (feature view profile, feature age): string, but column age of type int64 | int64, or an expression with a CAST',
    ],
  ],
  'row expression of another type': [
    { 'featureViews[0].features[1].type': 'int64' },
    [
      'featureViews[0].features[1].type (feature view profile, feature adult): int64, but an expression of type bool | bool, or an expression with a CAST',
    ],
  ],
  'column and expression': [
    { [`${FEATURE}.expression`]: 'price' },
    [`${FEATURE}.expression (${IN_FEATURE}): both column and expression | one of the two`],
  ],
  'expression does not compile': [
    { [`${FEATURE}.column`]: REMOVED, [`${FEATURE}.expression`]: 'prise' },
    [
      `${FEATURE}.expression (${IN_FEATURE}): unknown column prise | uid, ts, ingested, price, qty, kind, ok, tags, at_ms or f32 | price`,
    ],
  ],
  'unknown column': [
    { [`${FEATURE}.column`]: 'prices' },
    [`${FEATURE}.column (${IN_FEATURE}): "prices" | a column of source clicks: ${COLUMNS} | price`],
  ],
  'column that cannot be read': [
    { [`${FEATURE}.column`]: 'huge' },
    [
      `${FEATURE}.column (${IN_FEATURE}): "huge" (the files have HUGEINT, undeclared) | a column of source clicks: ${COLUMNS}`,
    ],
  ],
  'unknown aggregate': [
    { [`${FEATURE}.aggregate`]: 'summ' },
    [`${FEATURE}.aggregate (${IN_FEATURE}): "summ" | ${AGGREGATES} | sum`],
  ],
  'an aggregate by its name in SQL': [
    { [`${FEATURE}.aggregate`]: 'AVG' },
    [`${FEATURE}.aggregate (${IN_FEATURE}): "AVG" | ${AGGREGATES} | mean`],
  ],
  'percentile without p': [
    { [`${FEATURE}.aggregate`]: 'approx_percentile' },
    [`${FEATURE}.p (${IN_FEATURE}): nothing | a number between 0 and 1`],
  ],
  'percentile of all': [
    { [`${FEATURE}.aggregate`]: 'approx_percentile', [`${FEATURE}.p`]: 1 },
    [`${FEATURE}.p (${IN_FEATURE}): 1 | a number between 0 and 1`],
  ],
  'percentile of texts': [
    { [`${FEATURE}.aggregate`]: 'approx_percentile', [`${FEATURE}.p`]: 0.5, [`${FEATURE}.column`]: 'kind' },
    [
      `${FEATURE}.column (${IN_FEATURE}): "kind" of type string | int32, int64, float32 or float64, because of approx_percentile`,
    ],
  ],
  'aggregate without input': [
    { [`${FEATURE}.column`]: REMOVED },
    [`${FEATURE}.column (${IN_FEATURE}): nothing | a column or an expression, because of sum`],
  ],
  'sum of texts': [
    { [`${FEATURE}.column`]: 'kind' },
    [
      `${FEATURE}.column (${IN_FEATURE}): "kind" of type string | int32, int64, float32, float64 or bool, because of sum`,
    ],
  ],
  'last_n of lists': [
    { [`${VIEW}.features[2].column`]: 'tags' },
    [
      `${VIEW}.features[2].column (${IN_VIEW}, feature last3): "tags" of type list<string> | no list or vector, because of last_n`,
    ],
  ],
  'last_n without n': [
    { [`${VIEW}.features[2].n`]: REMOVED },
    [`${VIEW}.features[2].n (${IN_VIEW}, feature last3): nothing | a whole number from 1 to 1000`],
  ],
  'n too great': [
    { [`${VIEW}.features[2].n`]: 1001 },
    [`${VIEW}.features[2].n (${IN_VIEW}, feature last3): 1001 | a whole number from 1 to 1000`],
  ],
  'n where none is taken': [{ [`${FEATURE}.n`]: 3 }, [`${FEATURE}.n (${IN_FEATURE}): 3 | no n: only last_n takes it`]],
  'p where none is taken': [
    { [`${FEATURE}.p`]: 0.5 },
    [`${FEATURE}.p (${IN_FEATURE}): 0.5 | no p: only approx_percentile takes it`],
  ],
  'unbounded count_distinct, continuous': [
    { [`${FEATURE}.aggregate`]: 'count_distinct', [`${FEATURE}.window`]: 'unbounded' },
    [
      `${FEATURE}.window (${IN_FEATURE}): "unbounded" | a duration, because of count_distinct in a continuous view (one without refresh)`,
    ],
  ],
  'hop in a scheduled view': [
    { [`${VIEW}.refresh`]: { every: '1h' }, [`${FEATURE}.hop`]: '1h' },
    [`${FEATURE}.hop (${IN_FEATURE}): "1h" | no hop, because the view is scheduled (it has a refresh)`],
  ],
  'hop of an unbounded window': [
    { [`${FEATURE}.window`]: 'unbounded', [`${FEATURE}.hop`]: '1h' },
    [`${FEATURE}.hop (${IN_FEATURE}): "1h" | no hop, because the window is unbounded`],
  ],
  'hop over its window': [
    { [`${FEATURE}.hop`]: '2d' },
    [`${FEATURE}.hop (${IN_FEATURE}): "2d" | at most the window, 1d`],
  ],
  'hops that do not divide': [
    { [`${FEATURE}.hop`]: '7m' },
    [
      `${FEATURE}.hop (${IN_FEATURE}): hop 7m of spend beside hop 5m of last3 | hops of one view that divide one another`,
      `${VIEW}.features[0].hop (${IN_VIEW}, feature n_7d): hop 1h of n_7d beside hop 7m of spend | hops of one view that divide one another`,
    ],
  ],
  'default of another type': [
    { [`${FEATURE}.default`]: 'x' },
    [`${FEATURE}.default (${IN_FEATURE}): "x" | a finite number, because the feature is float64`],
  ],
  'default list of another type': [
    { [`${VIEW}.features[2].default`]: [1] },
    [`${VIEW}.features[2].default (${IN_VIEW}, feature last3): [1] | a list of string`],
  ],
  'unknown service entry': [
    { 'featureServices[0].features[0]': 'profile.age' },
    [
      'featureServices[0].features[0] (feature service ranking): "profile.age" | `view:feature`, `view:*` or an object with `view` and `features`',
    ],
  ],
  'service entry of a wrong type': [
    { 'featureServices[0].features[0]': 5 },
    [
      'featureServices[0].features[0] (feature service ranking): 5 | `view:feature`, `view:*` or an object with `view` and `features`',
    ],
  ],
  'service entry with an unknown key': [
    { 'featureServices[0].features[2].prefx': 'a' },
    [
      'featureServices[0].features[2].prefx (feature service ranking): the unknown key "prefx" | view, features, joinKeys or prefix | prefix',
    ],
  ],
  'unknown view': [
    { 'featureServices[0].features[0]': 'profil:age' },
    [
      'featureServices[0].features[0] (feature service ranking): "profil" | a feature view: profile or activity | profile',
    ],
  ],
  'unknown feature': [
    { 'featureServices[0].features[0]': 'profile:aga' },
    ['featureServices[0].features[0] (feature service ranking): "aga" | a feature of profile: age or adult | age'],
  ],
  'unknown feature in a list': [
    { 'featureServices[0].features[2].features[0]': 'adlt' },
    [
      'featureServices[0].features[2].features[0] (feature service ranking): "adlt" | a feature of profile: age or adult | adult',
    ],
  ],
  'unknown renamed join key': [
    { 'featureServices[0].features[2].joinKeys': { userid: 'seller' } },
    [
      'featureServices[0].features[2].joinKeys.userid (feature service ranking): "userid" | a join key of profile: user_id | user_id',
    ],
  ],
  'output name twice': [
    { 'featureServices[0].features[3]': 'profile:*' },
    [
      'featureServices[0].features[3] (feature service ranking): output name profile__age, which profile:age has already | every output name once (a prefix makes another)',
    ],
  ],
  'label named like a feature': [
    { 'featureServices[0].features[2].joinKeys.user_id': 'profile__age' },
    [
      'featureServices[0].features[2].features[0] (feature service ranking): join key profile__age of profile, which is also an output name | another prefix, or another name in joinKeys',
    ],
  ],
  'label of two types': [
    {
      'featureViews[2]': {
        name: 'named',
        kind: 'row',
        entities: ['item'],
        source: 'users',
        joinKeyColumns: { item_id: 'name' },
        features: [{ name: 'age', type: 'int64' }],
      },
      'featureServices[0].features[3]': { view: 'named', features: '*', joinKeys: { item_id: 'seller' } },
    },
    [
      'featureServices[0].features[3] (feature service ranking): seller, read as string by named and as int64 by profile | one type for each name (joinKeys reads a key under another name)',
    ],
  ],
};

for (const [name, [edits, expected]] of Object.entries(CASES)) {
  test(`mistake: ${name}`, async () => assert.deepEqual(await mistakesOf(edits), expected));
}

test('a sound world resolves', async () => {
  const catalog = await resolve(world());
  const activity = catalog.views.get('activity');
  assert.ok(activity?.kind === 'aggregate');
  assert.deepEqual(
    activity.features.map(({ name, type, hopMicros, default: value }) => [name, type, hopMicros, value]),
    [
      ['n_7d', 'int64', 3_600_000_000n, null],
      ['spend', 'float64', 3_600_000_000n, 0],
      ['last3', 'list<string>', 300_000_000n, null],
    ],
  );
  assert.deepEqual(activity.joinKeys, [{ name: 'user_id', type: 'int64', column: 'uid' }]);
  assert.deepEqual(
    catalog.services.get('ranking')?.features.map(({ name, readAs }) => [name, ...readAs]),
    [
      ['profile__age', 'user_id'],
      ['activity__n_7d', 'user_id'],
      ['activity__spend', 'user_id'],
      ['activity__last3', 'user_id'],
      ['seller_adult', 'seller'],
    ],
  );
  assert.ok(!catalog.sources.get('clicks')?.columns.has('huge'));
});

test('a widened column is cast; a plain column named in an expression stays a column', async () => {
  const catalog = await resolve(
    edited({ 'featureViews[0].features[1]': { name: 'adult', type: 'int64', expression: ' age ' } }),
  );
  const profile = catalog.views.get('profile');
  assert.ok(profile?.kind === 'row');
  assert.deepEqual(
    profile.features.map(({ expression }) => expression.tree),
    [
      { kind: 'cast', arg: { kind: 'column', name: 'age', type: 'int64' }, type: 'float64' },
      { kind: 'column', name: 'age', type: 'int64' },
    ],
  );
});

test('an existing empty source is sound', async () => {
  const source = {
    name: 'none',
    kind: 'batch',
    path: 'empty.jsonl',
    format: 'jsonl',
    timestampColumn: 'ts',
    columns: { ts: 'timestamp' },
  };
  const catalog = await resolve(edited({ 'sources[2]': source }));
  assert.deepEqual([...(catalog.sources.get('none')?.columns ?? [])], [['ts', 'timestamp']]);
});

test('all mistakes are told at once, and none twice', async () => {
  const found = await mistakesOf({
    'entities[1].name': '1a',
    'sources[0].timestampColumn': 'tss',
    'featureViews[0].features[0].tpe': 'x',
    'featureViews[0].features[1].expression': 'agee > 1',
    [`${VIEW}.features[0].window`]: '7 days',
    [`${FEATURE}.column`]: 'prise',
    'featureServices[0].features[3]': 'profil:x',
  });
  assert.deepEqual(
    found.map((text) => text.split(' ')[0]).toSorted(),
    [
      'entities[1].name',
      'featureServices[0].features[3]',
      'featureViews[0].features[0].tpe',
      'featureViews[0].features[1].expression',
      `${VIEW}.features[0].window`,
      `${FEATURE}.column`,
      'sources[0].timestampColumn',
    ].toSorted(),
  );
});

test('the message has a paragraph for each mistake', async () => {
  await assert.rejects(resolve(edited({ [`${FEATURE}.column`]: 'prices', 'entities[1].name': '' })), (error: Error) => {
    assert.equal(
      error.message,
      `2 mistakes in the definitions

definitions entities[1].name (entity )
  found: ""
  expected: a name of letters, digits and _, not starting with a digit

definitions featureViews[1].features[1].column (feature view activity, feature spend)
  found: "prices"
  expected: a column of source clicks: ${COLUMNS}
  nearest: price`,
    );
    return true;
  });
});
