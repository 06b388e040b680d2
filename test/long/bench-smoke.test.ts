// Benches cannot rot: they run at small sizes, and the hand-written queries compute what Plumb computes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OWN_ROWS, ownRowsDefinitions, QUERY } from '../../bench/continuous/own-rows.ts';
import { openDuckdb, text } from '../../bench/duckdb.ts';
import { requireOk } from '../../bench/measured-process.ts';
import { PIECES, readOptions, STORES, type Store } from '../../bench/options.ts';
import { plumbProject } from '../../bench/plumb-project.ts';
import { selectCases } from '../../bench/serving/cases.ts';
import { createDataset, plumbContender, QUERIES, queryContender } from '../../bench/training/contenders.ts';
import { definitions, REFRESHES, SERVICE } from '../../bench/training/features.ts';
import { differences } from '../../bench/training/verify.ts';
import { SHAPES, worldFolder } from '../../bench/training/world.ts';

const folder = await mkdtemp(join(tmpdir(), 'plumb-bench-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const BENCH = join(import.meta.dirname, '..', '..', 'bench', 'run.ts');

/** Whole minutes: events, labels and window edges meet. */
const TICK_MICROS = 60_000_000;

for (const shape of SHAPES) {
  test(`hand-written queries compute Plumb's features: ${shape} keys`, async () => {
    const options = readOptions(['--quick', '--data', folder]);
    const world = await worldFolder(folder, {
      shape,
      events: 20_000,
      labels: 2_000,
      keys: 40,
      seed: 7,
      tickMicros: TICK_MICROS,
    });
    await using project = await plumbProject(options, definitions(`${world}/events/*.parquet`));
    for (const refresh of REFRESHES) {
      const expected = join(folder, 'plumb.parquet');
      assert.equal((await plumbContender(project, world).run(refresh, expected)).outcome, 'ok');
      for (const query of QUERIES) {
        const actual = join(folder, `${query}.parquet`);
        const run = await queryContender(options, world, query).run(refresh, actual);
        assert.equal(run.outcome, 'ok', run.message ?? '');
        assert.deepEqual(await differences(expected, actual, `${SERVICE[refresh]}__`), {}, `${query}, ${refresh}`);
      }
    }
  });
}

test('benches run and keep their raw values', async () => {
  const results = join(folder, 'results');
  // The other shape of training sets runs the same code; lookups need wrk, S3 its server, and lookups fail while
  // there is a fail-over: they have tests of their own. Feast is installed from PyPI, which takes minutes.
  const pieces = PIECES.filter(
    (piece) => !['training-uniform', 'serving', 'workers', 's3', 'failover', 'continuous', 'feast'].includes(piece),
  );
  const sizes = ['--events', '5000', '--labels', '500', '--rows', '500', '--scale', '5000'];
  const args = [BENCH, '--quick', '--only', pieces.join(','), ...sizes, '--data', folder, '--results', results];
  const out = await requireOk({ args, cwd: folder, timeoutSeconds: 120 });
  const files = await readdir(results);
  for (const piece of pieces) {
    assert.ok(
      files.some((file) => file.endsWith(`-${piece}.json`)),
      `${piece}: ${files.join(', ')}`,
    );
    assert.ok(out.includes(`## ${piece}`));
  }
  assert.doesNotMatch(out, /failed|timeout|out of memory/);
});

test('the lookups that a restart of Redis fails are counted; asked for in part, none fails', async () => {
  const results = join(folder, 'results-failover');
  const args = [BENCH, '--quick', '--only', 'failover', '--data', folder, '--results', results];
  await requireOk({ args, cwd: folder, timeoutSeconds: 120 });
  const [file = ''] = await readdir(results);
  const { raw } = JSON.parse(await readFile(join(results, file), 'utf8')) as { readonly raw: readonly Failovers[] };
  assert.deepEqual(
    raw.map(({ partial, runs: [run] }) => [partial, (run?.failed ?? 0) > 0, (run?.firstGoodMillis ?? 0) > 0]),
    [
      [false, true, true],
      [true, false, true],
    ],
  );
});

interface Failovers {
  readonly partial: boolean;
  readonly runs: readonly { readonly failed: number; readonly firstGoodMillis: number }[];
}

test('a materialization into Redis is measured against its floor', async () => {
  const results = join(folder, 'results-redis-rows');
  const args = [BENCH, '--quick', '--only', 'materialize', '--store', 'redis', '--rows', '500'];
  await requireOk({ args: [...args, '--data', folder, '--results', results], cwd: folder, timeoutSeconds: 120 });
  const [file = ''] = await readdir(results);
  const { raw } = JSON.parse(await readFile(join(results, file), 'utf8'));
  assert.deepEqual([raw.length, raw[0].rows], [1, 500]);
  // The rows, and the few hashes that hold the states of views.
  assert.ok(raw[0].floor.rows >= 500 && raw[0].floor.rows < 510, String(raw[0].floor.rows));
  const { idle, writing } = raw[0].reads;
  assert.ok(idle.requests > 0 && writing.requests > 0, JSON.stringify(raw[0].reads));
});

const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

/** Between them all kinds of cases; names alone stand for what they are measured against, too. */
const SERVING_CASES: Readonly<Record<Store, string>> = {
  lmdb: 'mixed-1,mixed-100,details-10,half-1,wide-1',
  redis: 'three-views,floats-1,aggregates,ranking-500,half-1',
};

for (const store of STORES) {
  const skip = hasWrk ? false : 'wrk is not installed';
  test(`lookups on ${store} are measured against their floor`, { skip }, async () => {
    const results = join(folder, `results-${store}`);
    const args = [BENCH, '--quick', '--only', 'serving', '--store', store, '--cases', SERVING_CASES[store]];
    const out = await requireOk({
      args: [...args, '--data', folder, '--results', results],
      cwd: folder,
      timeoutSeconds: 200,
    });
    const [file = ''] = await readdir(results);
    const { raw } = JSON.parse(await readFile(join(results, file), 'utf8')) as { readonly raw: readonly Load[] };
    const cases = selectCases(SERVING_CASES[store].split(','));
    const measured = cases.flatMap(({ name, against }) =>
      against === 'floor' ? [`${name} plumb`, `${name} floor`] : [`${name} plumb`],
    );
    assert.deepEqual(
      raw.map((one) => `${one.case} ${one.contender}`),
      measured,
    );
    for (const { requestsPerSecond, p50Millis, p99Millis } of raw) {
      assert.ok(requestsPerSecond > 0 && p50Millis > 0 && p99Millis >= p50Millis, out);
    }
    const bytesOf = (name: string, contender: string): number =>
      raw.find((one) => one.case === name && one.contender === contender)?.bytesPerAnswer ?? Number.NaN;
    // Both answer the same rows; what Plumb's answers have more is the names of features and a small envelope.
    for (const { name, against, service } of cases.filter((one) => one.against === 'floor')) {
      const more = bytesOf(name, 'plumb') - bytesOf(name, against);
      assert.ok(more > 0 && more < 600 + 20 * (service === 'wide' ? 200 : 40), `${name}: ${more}`);
    }
    if (store === 'lmdb') assert.ok(bytesOf('details-10', 'plumb') > 1.5 * bytesOf('fifty-10', 'plumb'));
  });
}

test('two workers are measured against one process', { skip: hasWrk ? false : 'wrk is not installed' }, async () => {
  const results = join(folder, 'results-workers');
  const args = [BENCH, '--quick', '--only', 'workers', '--cases', 'mixed-1', '--data', folder, '--results', results];
  await requireOk({ args, cwd: folder, timeoutSeconds: 120 });
  const [file = ''] = await readdir(results);
  const { raw } = JSON.parse(await readFile(join(results, file), 'utf8'));
  const [one, two] = raw;
  assert.deepEqual([raw.length, one.workers, two.workers], [2, 1, 2]);
  assert.ok(two.requestsPerSecond > 0 && two.cpuMicros > 0 && two.memoryBytes > 1.5 * one.memoryBytes);
});

test('a hand-written query computes what features with where, offset and by are', async () => {
  const options = readOptions(['--quick', '--data', folder]);
  const sizes = { events: 20_000, labels: 2_000, keys: 40, seed: 7, tickMicros: TICK_MICROS };
  const world = await worldFolder(folder, { shape: 'uniform', ...sizes });
  await using project = await plumbProject(options, ownRowsDefinitions(`${world}/events/*.parquet`));
  const [expected, actual] = [join(folder, 'own-rows-plumb.parquet'), join(folder, 'own-rows.parquet')];
  const run = await createDataset(project, world, { service: OWN_ROWS, result: expected });
  assert.equal(run.outcome, 'ok', run.message ?? '');
  const query = await queryContender(options, world, QUERY).run('continuous', actual);
  assert.equal(query.outcome, 'ok', query.message ?? '');
  using duckdb = await openDuckdb();
  const near = (e: string, a: string): string => `(${e} IS NOT DISTINCT FROM ${a} OR abs(${e} - ${a}) <= 1e-9 * ${e})`;
  const map = (side: string): string => `${side}.${side === 'e' ? `${OWN_ROWS}__` : ''}sum_by_item`;
  const same = [
    ...['dear_count', 'before_count'].map((name) => `e.${OWN_ROWS}__${name} = a.${name}`),
    ...['dear_sum', 'before_sum'].map((name) => near(`e.${OWN_ROWS}__${name}`, `a.${name}`)),
    `map_keys(${map('e')}) = map_keys(${map('a')})`,
    near(`list_sum(map_values(${map('e')}))`, `list_sum(map_values(${map('a')}))`),
  ];
  const [counted] = await duckdb.rows(`
    SELECT count(*) AS labels, count(*) FILTER (WHERE NOT coalesce(${same.join(' AND ')}, false)) AS others,
      count(*) FILTER (WHERE cardinality(${map('e')}) = 5 AND e.${OWN_ROWS}__before_count > 0) AS full
    FROM read_parquet(${text(expected)}) e FULL JOIN read_parquet(${text(actual)}) a USING (label_id)`);
  assert.deepEqual([Number(counted?.labels), Number(counted?.others)], [sizes.labels, 0]);
  assert.ok(Number(counted?.full) > sizes.labels / 2);
});

for (const store of STORES) {
  const skip = hasWrk ? false : 'wrk is not installed';
  test(`continuous views on ${store} are measured`, { skip }, async () => {
    const results = join(folder, `results-continuous-${store}`);
    const args = [BENCH, '--quick', '--only', 'continuous', '--store', store, '--rows', '2000'];
    const out = await requireOk({
      args: [...args, '--data', folder, '--results', results],
      cwd: folder,
      timeoutSeconds: 200,
    });
    const [file = ''] = await readdir(results);
    const { raw } = JSON.parse(await readFile(join(results, file), 'utf8'));
    assert.deepEqual(Object.keys(raw), ['lookups', 'bytes', 'fill', 'training'], out);
    // 10, 100 and 1,000 events a key; 1 and 100 entities; both views.
    assert.equal(raw.lookups.length, 12);
    for (const { requestsPerSecond, bytesPerAnswer } of raw.lookups)
      assert.ok(requestsPerSecond > 0 && bytesPerAnswer > 100, out);
    for (const { eventsPerKey, encoded, sortedSet } of raw.bytes)
      assert.ok(encoded > 8 * Math.min(eventsPerKey, 128) && sortedSet > 32 * eventsPerKey, out);
    assert.deepEqual(
      raw.fill.map(({ view, keys }: { readonly view: string; readonly keys: number }) => [view, keys]),
      [
        ['continuous', 2_000],
        ['scheduled', 2_000],
      ],
    );
  });
}

interface Load {
  readonly case: string;
  readonly contender: string;
  readonly requestsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly bytesPerAnswer: number;
}
