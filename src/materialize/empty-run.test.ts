import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, catalogOf, rowView } from '../../test/support/fake-world.ts';
import type { Source } from '../catalog/catalog.ts';
import type { SourceRows } from '../offline/compute.ts';
import { emptyNotice } from './empty-run.ts';

const VIEW = rowView('clicks', { user: 'int64' }, []);
const T = '2026-01-08T00:00:00Z';

function noticeOf(unused: SourceRows | null, { files = ['a.csv'], unit = null as Source['timestampUnit'] } = {}) {
  const source: Source = {
    ...{ name: VIEW.source, description: null, owner: null, tags: {}, kind: 'batch', path: '*.csv', format: 'csv' },
    ...{ timestampColumn: 'ts', timestampUnit: unit, createdTimestampColumn: null, createdTimestampUnit: null },
    columns: new Map(),
  };
  const catalog = { ...catalogOf([VIEW]), sources: new Map([[source.name, source]]) };
  const found = files.map((path) => ({ path, uri: `file:///data/${path}`, sizeBytes: 0, identity: '1' }));
  const scanned = { rows: 0, files: 0, filesTotal: 0, rowGroups: 0, rowGroupsTotal: 0 };
  const outcome = { parts: [], gone: [], rows: 0, invalidValues: {}, scanned };
  const request = { untilMicros: at(T) };
  return emptyNotice({ catalog, view: VIEW, request }, found, unused === null ? outcome : { ...outcome, unused });
}

const NO_TIMES = { fromMicros: null, toMicros: null };

test('nothing to tell where rows were written, or not all were read', () => {
  assert.equal(noticeOf(null), null);
});

test('files without a row are named, at most three of them', () => {
  const none = { rows: 0, ...NO_TIMES };
  assert.equal(noticeOf(none), 'a.csv holds no row; clicks is empty now');
  const files = ['a', 'b', 'c', 'd', 'e'];
  assert.equal(noticeOf(none, { files }), 'a, b, c and 2 more files hold no row; clicks is empty now');
});

test('rows that do not count: without a time, or later than the instant, which a wrong unit makes them', () => {
  const found = `none of the 7 rows of source source counts at ${T}: their ts`;
  assert.equal(noticeOf({ rows: 7, ...NO_TIMES }), `${found} is null; clicks is empty now`);
  const later = { rows: 7, fromMicros: at('2027-01-01T00:00:00Z'), toMicros: at('2028-01-01T00:00:00Z') };
  const range = `${found} reaches from 2027-01-01T00:00:00Z to 2028-01-01T00:00:00Z`;
  assert.equal(noticeOf(later), `${range}; clicks is empty now`);
  assert.equal(noticeOf(later, { unit: 'ms' }), `${range} (is timestampUnit: ms the right one?); clicks is empty now`);
});
