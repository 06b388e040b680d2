import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionType, Source } from '../catalog/catalog.ts';
import { folderValues } from './folder-values.ts';

const source = (types: Readonly<Record<string, PartitionType>>): Source => ({
  name: 'clicks',
  kind: 'batch',
  path: '*',
  format: 'parquet',
  timestampColumn: 'ts',
  timestampUnit: null,
  createdTimestampColumn: null,
  createdTimestampUnit: null,
  columns: new Map(),
  partitionColumns: new Map(Object.entries(types).map(([name, type]) => [name, { type, bounds: null }])),
  description: null,
  owner: null,
  tags: {},
});

const valueIn = (type: PartitionType, path: string) => folderValues(source({ dt: type }), path).get('dt');

test('dates are instants at 00:00 UTC, texts are decoded, the null of Hive is null', () => {
  assert.equal(valueIn('date', 'data/dt=2026-01-02/a.parquet'), 1767312000000000n);
  assert.equal(valueIn('date', 'dt=1969-12-31/a.parquet'), -86400000000n);
  assert.equal(valueIn('string', 'dt=a%2Fb%20c=d/a.csv'), 'a/b c=d');
  assert.equal(valueIn('string', 'dt=100%/a.csv'), '100%');
  assert.equal(valueIn('string', 'dt=01/a.csv'), '01');
  assert.equal(valueIn('int64', 'dt=-07/a.csv'), -7n);
  assert.equal(valueIn('timestamp', 'dt=2026-01-02 03%3A00%3A00/a.csv'), 1767322800000000n);
  assert.equal(valueIn('int64', 'dt=__HIVE_DEFAULT_PARTITION__/a.csv'), null);
});

test('the key of an object counts, not its bucket; the name of the file does not', () => {
  assert.equal(valueIn('int64', 's3://my-bucket/year=1/dt=5/dt=6.parquet'), 5n);
});

test('a folder that is missing, there twice, or of another type is refused with its path', () => {
  for (const [type, path, message] of [
    [
      'date',
      'data/a.parquet',
      /column dt: data\/a\.parquet has no folder called dt=…, expected one, such as dt=2026-01-31\//,
    ],
    ['date', 'DT=2026-01-01/a.parquet', /no folder called dt/],
    ['date', 'dt=2026-01-01/dt=2026-01-01/a.parquet', /2 folders/],
    ['date', 'dt=2026-02-30/a.parquet', /folder dt=2026-02-30, expected date/],
    ['date', 'dt=2026-01-01T00/a.parquet', /expected date/],
    ['int64', 'dt=1.0/a.parquet', /expected int64/],
    ['int64', 'dt=9223372036854775808/a.parquet', /expected int64/],
  ] as const)
    assert.throws(() => valueIn(type, path), { code: 'SOURCE_MISMATCH', message }, path);
});
