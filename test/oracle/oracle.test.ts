// One small world per tricky rule of section 2 of the design, with the answer worked out by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareOnline, compareTraining, equal } from './compare.ts';
import { parseExpression } from './expressions.ts';
import { floorTo, formatInstant, parseInstant } from './instants.ts';
import { expectedOnline, expectedTraining } from './naive-evaluator.ts';
import { compareValues, type Json, readValue, type Value, writeValue } from './values.ts';
import type { FeatureDefinition, JsonRow, OnlineStep, SourceDefinition, ViewDefinition, World } from './world.ts';

const COLUMNS = { k: 'int64', ts: 'timestamp', c: 'timestamp', i: 'int64', x: 'float64', s: 'string' };
const NONE: Json = null;

interface Small {
  readonly view: Partial<ViewDefinition> & { readonly features: readonly FeatureDefinition[] };
  readonly source?: Partial<SourceDefinition>;
  readonly rows: readonly JsonRow[]; // k, ts, c, i, x, s; the rest may be left out
  readonly labels?: readonly string[]; // times of key 1
  readonly online?: readonly OnlineStep[];
}

function small({ view, source, rows, labels = ['2026-01-01'], online }: Small): World {
  const columns = Object.entries(source?.columns ?? COLUMNS);
  return {
    name: 'small',
    level: 2,
    definitions: {
      entities: [{ name: 'e', joinKeys: [{ name: 'k', type: 'int64' }] }],
      sources: [
        {
          name: 't',
          kind: 'batch',
          path: 'data/t.jsonl',
          format: 'jsonl',
          timestampColumn: 'ts',
          columns: COLUMNS,
          ...source,
        },
      ],
      featureViews: [{ name: 'v', kind: 'row', entities: ['e'], source: 't', ...view }],
      featureServices: [{ name: 'svc', features: ['v:*'] }],
    },
    tables: { t: { columns, rows: rows.map((row) => columns.map((_, i) => row[i] ?? null)) } },
    service: 'svc',
    labels: {
      timestampColumn: 'at',
      columns: [
        ['k', 'int64'],
        ['at', 'timestamp'],
      ],
      rows: labels.map((time) => [1, instant(time)]),
    },
    ...(online ? { online } : {}),
  };
}

/** `12:00` is on 2026-01-02; a date is its midnight. */
const instant = (text: string) => (/^\d\d:/.test(text) ? `2026-01-02T${text.padEnd(8, ':00')}Z` : `${text}T00:00:00Z`);
const row = (ts: string | null, rest: readonly Json[] = []): JsonRow => [1, ts && instant(ts), ...rest];
const I: FeatureDefinition = { name: 'i', type: 'int64' };
const count = (window: string, more: Partial<FeatureDefinition> = {}): FeatureDefinition => ({
  name: 'n',
  aggregate: 'count',
  window,
  ...more,
});

/** The first feature per label, ints as numbers. */
function trained(world: Small): unknown[] {
  const { rows, error, types } = expectedTraining(small(world));
  assert.equal(error, undefined);
  return rows.map(([value]) => writeValue(types[0] ?? '', value ?? null));
}

function lookup(until: string, at: string, append?: readonly JsonRow[]): OnlineStep {
  const rows = append?.map((cells) => Object.keys(COLUMNS).map((_, i) => cells[i] ?? null));
  return { ...(rows ? { append: { t: rows } } : {}), until: instant(until), at: instant(at), entities: [{ k: 1 }] };
}

/** The first feature and its status per step. */
function served(world: Small): unknown[] {
  return expectedOnline(small(world)).map((step) => [
    writeValue(step.types[0] ?? '', step.rows[0]?.[0] ?? null),
    step.statuses[0]?.[0],
  ]);
}

test('an instant has one meaning in all its forms', () => {
  const noon = parseInstant('2026-01-02T12:00:00Z');
  for (const text of ['2026-01-02 12:00:00', '2026-01-02T14:00:00+02:00', '2026-01-02 03:30:00.000000999-0830']) {
    assert.equal(parseInstant(text), noon, text);
  }
});

test('finer digits floor and instants before 1970 floor down', () => {
  assert.equal(parseInstant('1969-12-31T23:59:59.9999999Z'), -1n);
  assert.equal(formatInstant(-1n), '1969-12-31T23:59:59.999999Z');
  assert.equal(formatInstant(-1000n), '1969-12-31T23:59:59.999Z');
  assert.equal(formatInstant(0n), '1970-01-01T00:00:00Z');
  assert.equal(floorTo(-1n, 10n), -10n);
  assert.equal(floorTo(-10n, 10n), -10n);
});

test('a numeric time column counts in its unit', () => {
  const source = { timestampUnit: 'ms', columns: { ...COLUMNS, ts: 'int64' } } as const;
  const at = Date.parse(instant('12:00'));
  assert.deepEqual(trained({ source, view: { features: [I] }, rows: [[1, at, NONE, 5]], labels: ['11:59', '12:00'] }), [
    null,
    5,
  ]);
});

test('strings order by UTF-8 bytes, null is lowest, lists element by element', () => {
  const ordered: Value[][] = [
    [null, '', 'a', '～', '😀'],
    [null, false, true],
    [null, [], [null], [1n], [1n, null], [2n]],
  ];
  for (const values of ordered) assert.deepEqual(values.toReversed().sort(compareValues), values);
});

test('a value reads back from what it is written as; float32 is its shortest text', () => {
  assert.equal(writeValue('float32', readValue('float32', 0.1)), 0.1);
  assert.equal(writeValue('int64', readValue('int64', '9007199254740993')), '9007199254740993');
  assert.ok(Object.is(readValue('float64', -0), 0));
  assert.equal(readValue('float64', JSON.parse('1e999')), null);
});

test('a continuous row view sees a row stamped now, one microsecond earlier it does not', () => {
  const world = { view: { features: [I] }, rows: [row('12:00', [NONE, 5])], labels: ['11:59:59.999999', '12:00'] };
  assert.deepEqual(trained(world), [null, 5]);
  assert.deepEqual(
    trained({ ...world, view: { ...world.view, strictlyBefore: true }, labels: ['12:00', '12:00:00.000001'] }),
    [null, 5],
  );
});

test('a scheduled row view sees rows before its boundary, once published', () => {
  const view = { features: [I], refresh: { every: '1h', delay: '5m' } };
  const rows = [row('12:00', [NONE, 5]), row('11:59:59.999999', [NONE, 4])];
  assert.deepEqual(trained({ view, rows, labels: ['12:04', '12:05', '13:04', '13:05'] }), [null, 4, 4, 5]);
});

test('ttl: age exactly ttl is valid, also where the row came by a boundary', () => {
  const rows = [row('10:30', [NONE, 5])];
  assert.deepEqual(trained({ view: { features: [I], ttl: '1h' }, rows, labels: ['11:30', '11:30:00.000001'] }), [
    5,
    null,
  ]);
  const scheduled = { features: [I], ttl: '1h', refresh: { every: '1h' } };
  assert.deepEqual(trained({ view: scheduled, rows, labels: ['10:59', '11:30', '11:31'] }), [null, 5, null]);
});

test('row order: created time, then values in definition order, nulls lowest', () => {
  const source = { createdTimestampColumn: 'c' };
  const tied = (first: JsonRow, second: JsonRow) => ({
    source,
    view: { features: [I] },
    rows: [first, second],
    labels: ['13:00'],
  });
  assert.deepEqual(trained(tied(row('12:00', [instant('12:02'), 1]), row('12:00', [instant('12:01'), 2]))), [1]);
  assert.deepEqual(trained(tied(row('12:00', [NONE, 3]), row('12:00', [instant('12:01'), 2]))), [2]);
  assert.deepEqual(trained(tied(row('12:00', [NONE, 3]), row('12:00', [NONE, null]))), [3]);
});

test('where keeps only true, and comes before the choice of the last row', () => {
  const rows = [row('10:00', [NONE, 5]), row('11:00', [NONE, 0]), row('12:00', [NONE, null])];
  assert.deepEqual(trained({ view: { features: [I], where: 'i > 1' }, rows, labels: ['13:00'] }), [5]);
});

test('visibleFrom created_time: at p(t), never with a null created time', () => {
  const source = { createdTimestampColumn: 'c' };
  const rows = [row('10:00', [instant('12:00'), 5]), row('11:00', [NONE, 6])];
  const view = { features: [I], visibleFrom: 'created_time' } as const;
  assert.deepEqual(trained({ source, view, rows, labels: ['11:59:59.999999', '12:00'] }), [null, 5]);
  const scheduled = { ...view, refresh: { every: '1h', delay: '30m' } }; // p(12:29) = 11:30, p(12:30) = 12:30
  assert.deepEqual(trained({ source, view: scheduled, rows, labels: ['12:29', '12:30'] }), [null, 5]);
});

test('rows with a null event time or key never count, nor does a null label key match', () => {
  const rows = [row(null, [NONE, 5]), [null, instant('10:00'), NONE, 6]];
  assert.deepEqual(trained({ view: { features: [I] }, rows, labels: ['12:00'] }), [null]);
  const world = small({ view: { kind: 'aggregate', features: [count('1d')] }, rows });
  const asked = { ...world, labels: { ...world.labels, rows: [[null, instant('12:00')]] } };
  assert.deepEqual(expectedTraining(asked).rows, [[0n]]);
});

test('a continuous window excludes now and starts at a hop', () => {
  const view = { kind: 'aggregate', features: [count('1h')] } as const; // default hop 5m
  const world = { view, rows: [row('11:00')], labels: ['11:00', '11:00:00.000001', '12:04:59.999999', '12:05'] };
  assert.deepEqual(trained(world), [0, 1, 1, 0]);
});

test('the default hop is the largest that is at most a twelfth of the window', () => {
  const first = (window: string, label: string) =>
    trained({ view: { kind: 'aggregate', features: [count(window)] }, rows: [row('00:00')], labels: [label] })[0];
  assert.equal(first('12h', '12:59:59'), 1); // hop 1h
  assert.equal(first('11h', '11:59:59'), 0); // hop 5m
  assert.equal(first('2m', '00:02:09'), 1); // hop 10s
  assert.equal(first('5s', '00:00:05.999999'), 1); // hop 1s at least
  assert.equal(first('5s', '00:00:06'), 0);
});

test('a scheduled window is [e - w, e)', () => {
  const view = { kind: 'aggregate', features: [count('1h')], refresh: { every: '1h' } } as const;
  assert.deepEqual(trained({ view, rows: [row('11:00')], labels: ['11:59', '12:00', '12:59', '13:00'] }), [0, 1, 1, 0]);
});

test('int sums may leave int64 on the way, not at the end', () => {
  const sum = { name: 'n', aggregate: 'sum', column: 'i', window: '1d', default: 0 };
  const view = { kind: 'aggregate', features: [sum] } as const;
  const big = [row('10:00', [NONE, '9223372036854775807']), row('10:00', [NONE, 1])];
  assert.deepEqual(trained({ view, rows: [...big, row('10:01', [NONE, -2])], labels: ['12:00'] }), [
    '9223372036854775806',
  ]);
  assert.match(expectedTraining(small({ view, rows: big, labels: ['12:00'] })).error ?? '', /overflow/);
  assert.deepEqual(served({ view, rows: big, online: [lookup('12:00', '12:00')] }), [[null, 'INVALID']]);
});

test('an expression that overflows fails only the results that use its row', () => {
  const view = { features: [{ name: 'n', type: 'int64', expression: 'i + 1' }] };
  const rows = [row('10:00', [NONE, '9223372036854775807']), row('11:00', [NONE, 1])];
  assert.deepEqual(trained({ view, rows, labels: ['12:00'] }), [2]);
  assert.notEqual(expectedTraining(small({ view, rows, labels: ['10:30'] })).error, undefined);
});

test('ties of first and last: by created time, then value; last_n newest first', () => {
  const rows = [row('10:00', [NONE, 1]), row('10:00', [NONE, 3]), row('10:00', [NONE, 2]), row('10:01', [NONE, null])];
  const of = (aggregate: string) => {
    const feature = { name: 'n', aggregate, column: 'i', window: '1d', n: 2 };
    return trained({ view: { kind: 'aggregate', features: [feature] }, rows, labels: ['12:00'] })[0];
  };
  assert.deepEqual([of('first'), of('last'), of('last_n'), of('count'), of('count_distinct')], [1, 3, [3, 2], 3, 3]);
});

test('empty aggregates, and the sample variance of one value', () => {
  const of = (aggregate: string, label: string) => {
    const feature = { name: 'n', aggregate, column: 'x', window: '1h', n: 2 };
    return trained({
      view: { kind: 'aggregate', features: [feature] },
      rows: [row('11:30', [NONE, NONE, 2.5])],
      labels: [label],
    })[0];
  };
  assert.deepEqual(
    ['count', 'count_distinct', 'last_n', 'sum', 'mean', 'min'].map((name) => of(name, '10:00')),
    [0, 0, [], null, null, null],
  );
  assert.deepEqual(
    ['mean', 'var_pop', 'var_samp', 'stddev_samp'].map((name) => of(name, '12:00')),
    [2.5, 0, null, null],
  );
});

test('three-valued logic, division and overflow of expressions', () => {
  const columns = { i: 'int64', x: 'float64', b: 'bool', s: 'string' };
  const value = (sql: string) => parseExpression(sql, columns).evaluate({ i: 3n, x: -0.5, b: null, s: '～a' });
  const expected: [string, Value][] = [
    ['b OR i = 3', true],
    ['b AND i = 3', null],
    ['NOT b', null],
    ['i IN (1, NULL)', null],
    ['i NOT IN (1, 2)', true],
    ['i NOT BETWEEN 1 AND 2 AND b IS NULL', true],
    ['i / 2', 1.5],
    ['i / 0', null],
    ['x * 1e308 * 100', null],
    ['0 * x', 0],
    ['-i - 2 * -2', 1n],
    ['CASE WHEN b THEN 1 WHEN i > 2.5 THEN 2 END', 2n],
    ['COALESCE(b, i = 4)', false],
    ['COALESCE(NULL, i, 0.5)', 3],
    ['length(s)', 2n],
    ["s > '😀'", false],
  ];
  for (const [sql, want] of expected) assert.deepEqual(value(sql), want, sql);
  assert.throws(() => value('9223372036854775807 + 1'), /overflow/);
});

test('a default replaces null in training and serving, not INVALID and TOO_EARLY; the status stays', () => {
  const view = { features: [{ ...I, default: -1 }], ttl: '1h' };
  const rows = [row('10:00', [NONE, null]), row('12:00', [NONE, 5])];
  assert.deepEqual(trained({ view, rows, labels: ['09:00', '10:00', '12:00', '13:01'] }), [-1, -1, 5, -1]);
  const online = [
    lookup('09:00', '09:00'),
    lookup('10:00', '10:00'),
    lookup('12:00', '13:00:00.000001'),
    lookup('12:00', '11:00'),
  ];
  assert.deepEqual(served({ view, rows, online }), [
    [-1, 'NOT_FOUND'],
    [-1, 'NULL_VALUE'],
    [-1, 'OUTSIDE_MAX_AGE'],
    [null, 'TOO_EARLY'],
  ]);
});

test('a scheduled view stays at the boundary of its run and is too early before it', () => {
  const view = { kind: 'aggregate', features: [count('1h')], refresh: { every: '1h' } } as const;
  const online = [
    lookup('12:30', '12:30'),
    lookup('12:30', '12:00'),
    lookup('12:30', '15:00'),
    lookup('12:30', '11:59'),
  ];
  assert.deepEqual(served({ view, rows: [row('11:00'), row('12:10')], online }), [
    [1, 'PRESENT'],
    [1, 'PRESENT'],
    [1, 'PRESENT'],
    [null, 'TOO_EARLY'],
  ]);
});

test('continuous windows slide with the lookup over what the run applied', () => {
  const view = { kind: 'aggregate', features: [count('1h')] } as const;
  const online = [
    lookup('12:00', '12:00'),
    lookup('12:00', '12:35'),
    lookup('12:00', '11:30'),
    lookup('12:20', '12:35'),
  ];
  assert.deepEqual(served({ view, rows: [row('11:30'), row('12:10')], online }), [
    [1, 'PRESENT'],
    [0, 'NOT_FOUND'],
    [null, 'TOO_EARLY'],
    [1, 'PRESENT'],
  ]);
});

test('a later run sees appended and late rows, and keys that emptied', () => {
  const view = { kind: 'aggregate', features: [count('1h')], refresh: { every: '1h' } } as const;
  const online = [lookup('12:00', '12:00'), lookup('12:00', '12:00', [row('11:10')]), lookup('13:00', '13:00')];
  assert.deepEqual(served({ view, rows: [row('11:00')], online }), [
    [1, 'PRESENT'],
    [2, 'PRESENT'],
    [0, 'NOT_FOUND'],
  ]);
});

test('NOT_FOUND of an aggregate is about all windows of the view', () => {
  const features = [
    { name: 'n', aggregate: 'sum', column: 'i', window: '1h' },
    { ...count('1d'), name: 'all' },
  ];
  const world = { view: { kind: 'aggregate', features } as const, rows: [row('10:00', [NONE, 1])] };
  assert.deepEqual(served({ ...world, online: [lookup('12:00', '12:00')] }), [[null, 'NULL_VALUE']]);
});

test('the comparator: exact, within tolerance, and -0 is not 0', () => {
  assert.ok(equal('float64', 1, 1 + 1e-10, 1e-9));
  assert.ok(!equal('float64', 1, 1 + 1e-8, 1e-9));
  assert.ok(!equal('float64', 1, null, 1e-9));
  assert.ok(!equal('float64', null, 0, 0));
  assert.ok(!equal('float64', 0, -0, 0));
  assert.ok(!equal('int64', 1n, 'x', 0));
  assert.ok(equal('int64', 9007199254740993n, '9007199254740993', 0));
  assert.ok(equal('float32', Math.fround(0.1), 0.1, 0));
  assert.ok(equal('timestamp', 0n, '1970-01-01T02:00:00+02:00', 0));
  assert.ok(equal('list<int64>', [1n, null], [1, null], 0));
});

test('the comparator names the first difference', () => {
  const world = small({
    view: { features: [I] },
    rows: [row('10:00', [NONE, 5])],
    labels: ['12:00'],
    online: [lookup('12:00', '12:00')],
  });
  const training = expectedTraining(world);
  assert.equal(compareTraining(training, { columns: ['v__i'], rows: [[5n]] }), undefined);
  assert.equal(compareTraining(training, { columns: ['v__i'], rows: [[6n]] }), 'row 0, v__i: got "6n", expected 5');
  const [online] = expectedOnline(world);
  assert.ok(online);
  const got = { columns: ['v__i'], rows: [[5]], statuses: [['NULL_VALUE']] };
  assert.equal(compareOnline(online, got), 'row 0, v__i: got status NULL_VALUE, expected PRESENT');
});
