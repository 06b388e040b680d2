// Values that a reader may change without a word: vectors beside nulls, fine instants, long decimals, JSON that only looks
// like text or a whole number, lists in CSV.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeParquetFile } from '../e2e/parquet-file.ts';
import { FuzzProject } from '../fuzz/fuzz-project.ts';

interface Shop {
  readonly format: 'parquet' | 'jsonl';
  readonly type: string;
  /** SELECT of k, ts and v, or lines of JSON. */
  readonly rows: string;
  readonly default?: unknown;
  /** Of the view; default: a row view. */
  readonly view?: object;
}

const UNTIL = '2026-02-01T00:00:00Z';
const LABELS = ['1', '2', '3'].map((k) => `{"k":${k},"event_timestamp":"${UNTIL}"}\n`).join('');

const definitionsOf = ({ format, type, ...shop }: Shop): object => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'k', type: 'int64' }] }],
  sources: [
    {
      ...{ name: 'rows', kind: 'batch', path: `data/rows.${format}`, format, timestampColumn: 'ts' },
      columns: { k: 'int64', ts: 'timestamp', v: type },
    },
  ],
  featureViews: [
    {
      ...{ name: 'view', entities: ['user'], source: 'rows' },
      ...(shop.view ?? {
        kind: 'row',
        features: [{ name: 'v', type, ...('default' in shop ? { default: shop.default } : {}) }],
      }),
    },
  ],
  featureServices: [{ name: 'all', features: ['view:*'] }],
});

async function projectOf(shop: Shop): Promise<FuzzProject> {
  const project = await FuzzProject.create();
  after(() => project[Symbol.asyncDispose]());
  await mkdir(join(project.folder, 'data'));
  await writeFile(join(project.folder, 'labels.jsonl'), LABELS);
  if (shop.format === 'parquet') await writeParquetFile(join(project.folder, 'data/rows.parquet'), shop.rows);
  else await writeFile(join(project.folder, 'data/rows.jsonl'), shop.rows);
  return project;
}

/** The feature of the keys 1, 2 and 3: in training, which serving equals. */
async function valuesOf(shop: Shop): Promise<readonly unknown[]> {
  const project = await projectOf(shop);
  await project.apply(definitionsOf(shop));
  const training = (await project.dataset('labels.jsonl')).map((line) => JSON.parse(line).view__v as unknown);
  const [run] = await project.materialize(UNTIL);
  assert.equal(run?.outcome, 'succeeded', run?.notice ?? '');
  const { rows } = await project.lookup([{ k: 1n }, { k: 2n }, { k: 3n }], UNTIL);
  assert.deepEqual(
    JSON.parse(
      JSON.stringify(
        rows.map(([value]) => value),
        numberOf,
      ),
    ),
    training,
  );
  return training;
}

const numberOf = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

async function refused(shop: Shop, message: RegExp): Promise<void> {
  const project = await projectOf(shop);
  await assert.rejects(project.apply(definitionsOf(shop)), message);
}

const line = (k: number, v: string): string => `{"k":${k},"ts":"2026-01-01T00:00:00Z","v":${v}}\n`;
const select = (k: number, v: string): string => `SELECT ${k}::BIGINT AS k, TIMESTAMP '2026-01-01' AS ts, ${v} AS v`;
const VECTOR = 'vector<float32,2>';
const VECTORS = `${select(1, '[1.5, 2]::FLOAT[]')} UNION ALL ${select(2, 'NULL')}`;

test('regression: vectors beside nulls, in both formats, with a default and in aggregates', async () => {
  const base = { type: VECTOR } as const;
  const json = line(1, '[1.5,2]') + line(2, 'null');
  assert.deepEqual(await valuesOf({ ...base, format: 'parquet', rows: VECTORS }), [[1.5, 2], null, null]);
  assert.deepEqual(await valuesOf({ ...base, format: 'jsonl', rows: json }), [[1.5, 2], null, null]);
  const withDefault = { ...base, format: 'parquet', rows: VECTORS, default: [0, 1] } as const;
  assert.deepEqual(await valuesOf(withDefault), [
    [1.5, 2],
    [0, 1],
    [0, 1],
  ]);
  const view = {
    ...{ kind: 'aggregate', refresh: { every: '1h', delay: '0s' } },
    features: [{ name: 'v', aggregate: 'last', column: 'v', window: '60d' }],
  };
  assert.deepEqual(await valuesOf({ ...base, format: 'parquet', rows: VECTORS, view }), [[1.5, 2], null, null]);
});

test('regression: vectors of another length are refused', async () => {
  const shop = { type: VECTOR, format: 'parquet', rows: select(1, '[1.5]::FLOAT[]') } as const;
  const project = await projectOf(shop);
  await project.apply(definitionsOf(shop));
  const [run] = await project.materialize(UNTIL);
  assert.match(
    run?.notice ?? '',
    /file data\/rows\.parquet, column v: found 1 values, which vector<float32,2> does not/,
  );
});

test('regression: decimals of many digits are the nearest double', async () => {
  const texts = ['0.36028494202461403', '0.10000000000000003', '0.70000000000000007'];
  const rows = texts.map((text, i) => select(i + 1, `'${text}'::DECIMAL(18,17)`)).join(' UNION ALL ');
  assert.deepEqual(await valuesOf({ type: 'float64', format: 'parquet', rows }), texts.map(Number));
});

test('regression: the digits of a number are those of its own member, wherever the name stands else', async () => {
  const bad = `{"k":1,"ts":"2026-01-01T00:00:00Z","x":{"v":1.0},"v":1.0000000000000000001}\n`;
  await refused({ type: 'int64', format: 'jsonl', rows: bad }, /found: '1\.0'|found '1\.0'|1\.0 in/);
  const good = `{"k":1,"ts":"2026-01-01T00:00:00Z","x":{"v":2.0},"v":1.0}\n`;
  assert.deepEqual(await valuesOf({ type: 'int64', format: 'jsonl', rows: good }), [1, null, null]);
});

for (const [type, cell] of [
  ['string', '{"a":1}'],
  ['string', '[1]'],
  ['string', 'true'],
  ['list<string>', '["a",true]'],
  ['list<string>', '["a", {"b":1}]'],
] as const) {
  test(`regression: ${cell} is no ${type}`, async () => {
    await refused({ type, format: 'jsonl', rows: line(1, cell) }, /column v|columns\.v/);
  });
}

test('text that looks like JSON is text', async () => {
  const rows = line(1, '"{\\"a\\":1}"') + line(2, '"true"') + line(3, '"[1]"');
  assert.deepEqual(await valuesOf({ type: 'string', format: 'jsonl', rows }), ['{"a":1}', 'true', '[1]']);
  const lists = { type: 'list<string>', format: 'jsonl', rows: line(1, '["a, true","{"]') } as const;
  assert.deepEqual((await valuesOf(lists))[0], ['a, true', '{']);
});

test('regression: a list in CSV is JSON text, which a source reads again', async () => {
  const texts = ['a, b', 'c"d', 'NULL', "it's", ''];
  const shop = { type: 'list<string>', format: 'jsonl', rows: line(1, JSON.stringify(texts)) } as const;
  const project = await projectOf(shop);
  await project.apply(definitionsOf(shop));
  const [, first] = await project.dataset('labels.jsonl', 'out.csv');
  const cell = /"(.*)"/s.exec(first ?? '')?.[1]?.replaceAll('""', '"');
  assert.deepEqual(JSON.parse(cell ?? ''), texts);
});
