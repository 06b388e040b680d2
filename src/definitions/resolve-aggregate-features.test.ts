// What one feature of an aggregate view says of its rows and its window.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionsInput } from '../../schemas/builders.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeCompiler, fakeInspector } from '../../test/support/fake-ports.ts';
import type { AggregateFeature } from '../catalog/catalog.ts';
import type { Mistake } from './mistakes.ts';
import { resolveDefinitions } from './resolve.ts';

type Kind = 'row' | 'aggregate' | 'label';

const FEATURES: Readonly<Record<Kind, object>> = {
  row: { name: 'a', type: 'float64' },
  aggregate: { name: 'n', aggregate: 'count', window: '7d' },
  label: { name: 'n', aggregate: 'count', window: '7d' },
};

const EVERY_HOUR = { refresh: { every: '1h' } };

async function resolved(kind: Kind, feature: object, view: object = {}): Promise<AggregateFeature> {
  const definitions = {
    entities: [{ name: 'user', joinKeys: [{ name: 'k', type: 'int64' }] }],
    sources: [{ name: 's', kind: 'batch', path: 'p', format: 'parquet', timestampColumn: 'ts' }],
    featureViews: [
      { name: 'v', kind, entities: ['user'], source: 's', features: [{ ...FEATURES[kind], ...feature }], ...view },
    ],
  } as unknown as DefinitionsInput;
  const inspector = fakeInspector({ p: { k: 'int64', ts: 'timestamp', a: 'float64', ok: 'bool' } });
  const catalog = await resolveDefinitions(definitions, { project: 'p', inspector, compiler: fakeCompiler });
  return catalog.views.get('v')?.features[0] as AggregateFeature;
}

async function refused(kind: Kind, feature: object, view: object = {}): Promise<readonly string[]> {
  try {
    await resolved(kind, feature, view);
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'INVALID_DEFINITION', String(error));
    return (error.details.issues as readonly Mistake[]).map(({ path, found, expected }) =>
      [path.replace('featureViews[0].', ''), found, expected].join(' | '),
    );
  }
  return [];
}

const ONE_ROW = 'a row view gives the values of the last row of a key';
const FEATURE = 'features[0]';
const unknown = (key: string, reason: string): readonly string[] => [
  `${FEATURE}.${key} | the unknown key "${key}" | ${reason}`,
];

test('an aggregate has a condition of its own, a column or an expression', async () => {
  assert.equal((await resolved('aggregate', { where: 'ok' })).where?.sql, 'ok');
  assert.equal((await resolved('aggregate', { where: 'a > 1' }, EVERY_HOUR)).where?.sql, 'a > 1');
  assert.equal((await resolved('label', { where: 'a > 1' })).where?.sql, 'a > 1');
  assert.equal('where' in (await resolved('aggregate', {})), false);
});

test('a condition is of type bool, and of columns that are there', async () => {
  const ofType = `${FEATURE}.where | "a" of type float64 | a condition of type bool`;
  assert.deepEqual(await refused('aggregate', { where: 'a' }), [ofType]);
  const [unknownColumn = ''] = await refused('label', { where: 'price > 1' });
  assert.match(unknownColumn, /^features\[0\]\.where \| .*price/);
});

test('an offset is kept in microseconds, beside a hop of the window alone', async () => {
  const feature = await resolved('aggregate', { offset: '1d' });
  assert.deepEqual([feature.offsetMicros, feature.hopMicros], [86_400_000_000n, 3_600_000_000n]);
  assert.equal('offsetMicros' in (await resolved('aggregate', {})), false);
});

test('an offset needs a window with an end that may lie before the instant', async () => {
  assert.deepEqual(await refused('aggregate', { offset: '1d', window: 'unbounded' }), [
    `${FEATURE}.offset | "1d" | no offset, because the window is unbounded`,
  ]);
  const ofLabel = 'no offset: the window of a label begins at its instant, [t, t + window)';
  assert.deepEqual(await refused('label', { offset: '1d' }), unknown('offset', ofLabel));
  const none = `no offset: ${ONE_ROW}, and has no windows`;
  assert.deepEqual(await refused('row', { offset: '1d' }), unknown('offset', none));
  const [found = ''] = await refused('aggregate', { offset: '0d' });
  assert.match(found, /offset \| "0d" \| a duration such as 1s/);
});

const SESSIONS = { aggregate: 'session_count', gap: '30m' };

test('sessions have a gap, and are of the rows themselves', async () => {
  const feature = await resolved('aggregate', { ...SESSIONS, where: 'ok' });
  assert.deepEqual([feature.gapMicros, feature.type, feature.input], [1_800_000_000n, 'int64', null]);
  assert.equal((await resolved('label', { ...SESSIONS, aggregate: 'session_seconds_mean' })).type, 'float64');
  assert.deepEqual(await refused('aggregate', { ...SESSIONS, column: 'a' }), [
    `${FEATURE}.column | "a" of type float64 | nothing, because session_count is of the rows themselves; \`where\` says of which`,
  ]);
  assert.deepEqual(await refused('aggregate', { aggregate: 'session_count' }), [
    `${FEATURE}.gap | nothing | a duration, because of session_count`,
  ]);
});

test('sessions since ever need state without an end, so a continuous view has none', async () => {
  const because = 'a duration, because of session_count in a continuous view (one without refresh)';
  assert.deepEqual(await refused('aggregate', { ...SESSIONS, window: 'unbounded' }), [
    `${FEATURE}.window | "unbounded" | ${because}`,
  ]);
  assert.equal((await resolved('aggregate', { ...SESSIONS, window: 'unbounded' }, EVERY_HOUR)).windowMicros, null);
});

test('nothing but sessions has a gap', async () => {
  assert.deepEqual(await refused('aggregate', { gap: '30m' }), [
    `${FEATURE}.gap | "30m" | no gap: only sessions take it`,
  ]);
  assert.deepEqual(await refused('row', { gap: '30m' }), unknown('gap', `no gap: ${ONE_ROW}; sessions are aggregates`));
});

test('what is of windows is refused by name in a row view', async () => {
  const same = 'the same row for all features; the view has a `where`';
  assert.deepEqual(await refused('row', { where: 'a > 1' }), unknown('where', `no where: ${ONE_ROW}, ${same}`));
  const ttl = "the view's `ttl` says how old it may be";
  assert.deepEqual(await refused('row', { window: '7d' }), unknown('window', `no window: ${ONE_ROW}; ${ttl}`));
  const [ofView] = await refused('row', {}, { window: '7d' });
  assert.equal(ofView, `window | the unknown key "window" | no window: ${ONE_ROW}; \`ttl\` says how old it may be`);
});
