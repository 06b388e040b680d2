// plumb get --explain: each value with the rows it comes from, computed anew; and a value kept as a conformance case.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Explanation } from '../../../src/audit/explain/explanation.ts';
import { type Cell, evaluateFeatures } from '../../../src/testing/index.ts';
import { writeParquetFile } from '../../e2e/parquet-file.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { CLICKS, DEFINITIONS, PROFILES, SHOP, UNTIL } from '../../e2e/shop.ts';

const ONE = ['--entity', '{"user_id": 1}', '--at', UNTIL];

async function served(definitions = DEFINITIONS): Promise<TempProject> {
  const shop = await tempProject({ ...SHOP, 'features/shop.yaml': definitions });
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, err } = await shop.plumb(...argv);
    assert.equal(code, 0, err);
  }
  return shop;
}

async function explained(project: TempProject, ...args: readonly string[]): Promise<readonly Explanation[]> {
  const { code, document } = await project.json('get', '--explain', ...args);
  assert.equal(code, 0, JSON.stringify(document));
  return document.explain as readonly Explanation[];
}

test('each value is told with its window, rows, files and run, and equals what the rows come to', async () => {
  const shop = await served();
  const all = await explained(shop, '--service', 'ranking', ...ONE);
  assert.deepEqual(
    all.map(({ name, value, status, equal, notes }) => ({ name, value, status, equal, notes })),
    [
      { name: 'profile__country', value: 'US', status: 'PRESENT', equal: true, notes: [] },
      { name: 'profile__points', value: 2 ** 53, status: 'PRESENT', equal: true, notes: [] },
      { name: 'spending__clicks_1d', value: 2, status: 'PRESENT', equal: true, notes: [] },
      { name: 'spending__spend_1d', value: 3.5, status: 'PRESENT', equal: true, notes: [] },
    ],
  );
  const spend = all[3] as Explanation;
  assert.deepEqual(spend.window, { from: '2026-01-07T00:00:00Z', to: UNTIL, includesTo: false, oldest: null });
  assert.deepEqual([spend.effectiveTime, spend.scheduled, spend.rowsTotal, spend.rowsLater], [UNTIL, true, 2, 0]);
  assert.deepEqual(spend.rows, [
    {
      file: 'data/clicks.jsonl',
      eventTime: '2026-01-07T12:30:00Z',
      createdTime: null,
      columns: { user_id: 1, ts: '2026-01-07T12:30:00Z', price: 2 },
    },
    {
      file: 'data/clicks.jsonl',
      eventTime: '2026-01-07T10:00:00Z',
      createdTime: null,
      columns: { user_id: 1, ts: '2026-01-07T10:00:00Z', price: 1.5 },
    },
  ]);
  assert.deepEqual([spend.run.id, spend.run.watermark], ['spending-00000001', UNTIL]);
  const text = await shop.plumb('get', '--service', 'ranking', '--explain', ...ONE);
  assert.match(text.out, /spending__spend_1d = 3\.5 PRESENT\n {2}computed anew {2}equal\n/);
  assert.doesNotMatch(text.out, new RegExp(shop.folder), 'no path of the machine');
});

test('keys without rows, null keys and instants before the run are explained too', async () => {
  const shop = await served(DEFINITIONS.replace('column: price, window: 1d', 'column: price, window: 1d, default: 0'));
  const told = async (...args: readonly string[]) =>
    (await explained(shop, '--service', 'ranking', ...args)).map(({ status, equal, defaultApplied }) => [
      status,
      equal,
      defaultApplied,
    ]);
  const absent = [...Array(3).fill(['NOT_FOUND', true, false]), ['NOT_FOUND', true, true]];
  assert.deepEqual(await told('--entity', '{"user_id": 99}', '--at', UNTIL), absent);
  assert.deepEqual(await told('--entity', '{"user_id": null}', '--at', UNTIL), absent);
  const nobody = ['--entity', '{"user_id": null}', '--at', UNTIL, '--save-case', 'nobody.json'];
  await explained(shop, '--features', 'profile:points', ...nobody);
  const { tables } = JSON.parse(await shop.read('nobody.json')) as SavedCase;
  assert.deepEqual([tables.profiles?.columns.length, tables.profiles?.rows], [4, []]);
  const early = [
    ['TOO_EARLY', true, false],
    ['TOO_EARLY', true, false],
  ];
  assert.deepEqual(await told('--entity', '{"user_id": 1}', '--at', '2025-12-31T00:00:00Z'), [...early, ...early]);
});

test('a value that the files no longer give is told as different, with the files; later rows are told by number', async () => {
  const shop = await served();
  await shop.write('data/clicks.jsonl', `${CLICKS}{"user_id":1,"ts":"2026-01-07T13:00:00Z","price":8}\n`);
  await shop.write(
    'data/profiles.jsonl',
    `${PROFILES}{"user_id":1,"ts":"2026-01-09T00:00:00Z","country":"FR","points":1}\n`,
  );
  const at = ['--entity', '{"user_id": 1}', '--at', '2026-01-10T00:00:00Z'];
  const [country, , clicks] = await explained(shop, '--service', 'ranking', ...at);
  assert.deepEqual([country?.equal, country?.rowsLater, country?.value], [true, 1, 'US']);
  assert.match(country?.notes[0] ?? '', /^1 rows of the key are later than the run, .*plumb materialize profile/);
  assert.deepEqual([clicks?.equal, clicks?.value, clicks?.recomputed.value], [false, 2, 3]);
  assert.match(clicks?.notes[0] ?? '', /^data\/clicks\.jsonl changed or came since the run$/);
  const text = await shop.plumb('get', '--service', 'ranking', '--explain', ...at);
  assert.match(text.out, /computed anew {2}DIFFERENT: the rows come to 3 PRESENT/);
});

test('rows are told with the files that they lie in, in folders of any name, Parquet too', async () => {
  const definitions = DEFINITIONS.replace(
    /path: data\/clicks\.jsonl\n {4}format: jsonl/,
    "path: 'data/clicks*/*/*.parquet'\n    format: parquet\n    partitionColumns: { dt: date }",
  ).replace('column: price, window: 1d', 'expression: "price + date_part(\'day\', dt)", window: 1d');
  const shop = await tempProject({ ...SHOP, 'features/shop.yaml': definitions });
  const click = (at: string) => `SELECT 1::BIGINT AS user_id, TIMESTAMP '${at}' AS ts, 1.5::DOUBLE AS price`;
  for (const day of ['2026-01-06', '2026-01-07']) {
    const folder = join(shop.folder, 'data/clicks [1]', `dt=${day}`);
    await mkdir(folder, { recursive: true });
    await writeParquetFile(join(folder, "it's.parquet"), click(`${day} 10:00:00`));
  }
  for (const argv of [['apply'], ['materialize', '--until', UNTIL]]) {
    const { code, err } = await shop.plumb(...argv);
    assert.equal(code, 0, err);
  }
  const spend = ['--features', 'spending:spend_1d', '--save-case', 'case.json', ...ONE];
  const [told] = await explained(shop, ...spend);
  assert.deepEqual([told?.equal, told?.value], [true, 8.5]);
  assert.deepEqual(
    told?.rows.map(({ file, columns }) => [file, columns.dt]),
    [["data/clicks [1]/dt=2026-01-07/it's.parquet", '2026-01-07T00:00:00Z']],
  );
  const { tables } = JSON.parse(await shop.read('case.json')) as SavedCase;
  assert.deepEqual(tables.clicks?.columns.map(([name]) => name).toSorted(), ['dt', 'price', 'ts', 'user_id']);
});

test('a changed view is explained by the definition that serves it', async () => {
  const shop = await served();
  await shop.write(
    'features/shop.yaml',
    DEFINITIONS.replace('aggregate: count, window: 1d', 'aggregate: count, window: 7d'),
  );
  assert.equal((await shop.plumb('apply')).code, 0);
  const [clicks] = await explained(shop, '--features', 'spending:clicks_1d', ...ONE);
  assert.deepEqual([clicks?.equal, clicks?.window.from], [true, '2026-01-07T00:00:00Z']);
});

test('what --explain cannot do is refused', async () => {
  const shop = await served();
  const refused = async (...args: readonly string[]) => {
    const { code, err } = await shop.plumb('get', ...args);
    assert.equal(code, 2, err);
    return err;
  };
  const ranking = ['--service', 'ranking', '--explain'];
  assert.match(
    await refused(...ranking, '--entity', '{"user_id":1}', '{"user_id":2}'),
    /found 2 entities, expected one/,
  );
  assert.match(await refused('--service', 'ranking@1', '--explain', ...ONE), /expected a service without a version/);
  assert.match(await refused(...ranking, '--save-case', 'case.json', ...ONE), /found 4 features, expected one/);
  assert.match(await refused(...ranking, '--draft', ...ONE), /cannot be used with/);
  assert.match(
    await refused('--dataset', 'churn@1', '--explain', ...ONE),
    /'--explain' cannot be used with .*'--dataset/,
  );
});

interface SavedCase {
  readonly definitions: Parameters<typeof evaluateFeatures>[0]['definitions'];
  readonly service: string;
  readonly tables: Record<string, { columns: [string, string][]; rows: Cell[][] }>;
  readonly labels: { timestampColumn: string; columns: [string, string][]; rows: Cell[][] };
  readonly expected: { columns: string[]; rows: Cell[][] };
}

const OVERFLOWING = DEFINITIONS.replace(
  '{ name: spend_1d,',
  '{ name: over, aggregate: sum, expression: "CAST(price AS int64) + 9223372036854775806", window: 1d }\n      - { name: spend_1d,',
);
const FEATURES = ['profile:points', 'spending:clicks_1d', 'spending:spend_1d'];

test('a saved case is rerun by the conformance runner and by evaluateFeatures', async () => {
  const shop = await served(OVERFLOWING);
  await mkdir(join(shop.folder, 'cases'));
  for (const feature of FEATURES) {
    const file = `cases/${feature.replace(':', '-')}.json`;
    await explained(shop, '--features', feature, '--save-case', file, ...ONE);
    const saved = JSON.parse(await shop.read(file)) as SavedCase;
    const objects = ({ columns, rows }: { columns: [string, string][]; rows: Cell[][] }) =>
      rows.map((row) => Object.fromEntries(columns.map(([name], i) => [name, row[i] as Cell])));
    const values = await evaluateFeatures({
      definitions: saved.definitions,
      tables: Object.fromEntries(Object.entries(saved.tables).map(([name, rows]) => [name, objects(rows)])),
      service: saved.service,
      at: objects(saved.labels),
      timestampColumn: saved.labels.timestampColumn,
    });
    const [[expected]] = saved.expected.rows as [[Cell]];
    assert.deepEqual(Object.values(values[0] ?? {}).map(String), [String(expected)]);
  }
  const [invalid] = await explained(shop, '--features', 'spending:over', '--save-case', 'cases/over.json', ...ONE);
  assert.deepEqual([invalid?.equal, invalid?.status], [true, 'INVALID']);
  const scratch = await mkdtemp(join(tmpdir(), 'plumb-explain-'));
  after(() => rm(scratch, { recursive: true, force: true }));
  const runner = ['test/conformance/run.mjs', '--plumb', 'bin/plumb.js', '--cases', join(shop.folder, 'cases')];
  const { status, stdout, stderr } = spawnSync(process.execPath, runner, {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: scratch },
  });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^4 passed, 0 failed$/m);
});
