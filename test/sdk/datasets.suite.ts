// Training sets, jobs, materializations and the registry of the project of ../e2e/shop.ts through the SDK.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Int64, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { type JobProgress, type Labels, PlumbClient, type Snapshot } from '../../sdk/typescript/src/index.ts';
import { parseInstant } from '../../src/instant.ts';
import { UNTIL } from '../e2e/shop.ts';
import { FEATURES, shopRow } from './shop-world.ts';

const TIMES = ['2026-01-08T00:00:00Z', '2026-01-01T12:00:00Z', '2026-01-07T13:30:00.000001Z', '2026-01-08T00:00:00Z'];
const KEYS = [1, 2, 1, 9_007_199_254_740_995n];

const EXPECTED = KEYS.map((user_id, i) => {
  const time = TIMES[i] as string;
  const { values } = shopRow(user_id, parseInstant(time) ?? 0n);
  return {
    user_id,
    event_timestamp: time,
    ...Object.fromEntries(FEATURES.map((name, column) => [name, values[column]])),
  };
});

const arrowLabels = (): Table =>
  new Table({
    user_id: vectorFromArray(KEYS.map(BigInt), new Int64()),
    event_timestamp: vectorFromArray(TIMES, new Utf8()),
  });

const FORMS: Readonly<Record<string, () => Labels>> = {
  rows: () => KEYS.map((user_id, i) => ({ user_id, event_timestamp: TIMES[i] })),
  columns: () => ({ columns: { user_id: KEYS, event_timestamp: TIMES } }),
  'an Arrow table': arrowLabels,
  'Arrow bytes': () => tableToIPC(arrowLabels(), 'stream'),
};

export function datasetsSuite(name: string, url: () => string): void {
  const client = (): PlumbClient => new PlumbClient({ url: url() });

  for (const [form, labels] of Object.entries(FORMS)) {
    test(`${name}: a training set from ${form}`, async () => {
      const job = await client().datasets.create({
        service: 'ranking',
        name: `from_${form.replaceAll(' ', '_')}`,
        labels: labels(),
      });
      const snapshot = await job.wait({ pollMillis: 20 });
      assert.equal(snapshot.manifest.rows, 4);
      assert.deepEqual(await Array.fromAsync(snapshot.rows()), EXPECTED);
      assert.equal((await job.state()).status, 'succeeded');
    });
  }

  test(`${name}: a snapshot as table, batches and rows, all columns or some`, async () => {
    const snapshot = await trainingSet('shapes');
    const table = await snapshot.table();
    assert.deepEqual(
      table.schema.fields.map((field) => field.name),
      ['user_id', 'event_timestamp', ...FEATURES],
    );
    assert.deepEqual(
      [...(table.getChild('profile__points') ?? [])],
      [9_007_199_254_740_993n, null, 9_007_199_254_740_993n, -1n],
    );
    const columns = ['spending__clicks_1d', 'user_id'];
    assert.deepEqual(
      (await snapshot.table({ columns })).schema.fields.map((field) => field.name),
      columns,
    );
    const batches = await Array.fromAsync(snapshot.batches({ columns, batchRows: 3 }));
    assert.deepEqual(
      batches.map(({ numRows }) => numRows),
      [3, 1],
    );
    assert.deepEqual(
      batches[0]?.schema.fields.map((field) => field.name),
      columns,
    );
    const rows = await Array.fromAsync(snapshot.rows({ columns: ['user_id'], int64: 'bigint' }));
    assert.deepEqual(
      rows,
      KEYS.map((key) => ({ user_id: BigInt(key) })),
    );
    assert.equal((await snapshot.part(0)).byteLength, snapshot.manifest.parts[0]?.sizeBytes);
  });

  test(`${name}: versions, lists and the latest`, async () => {
    const first = await trainingSet('versions');
    const second = await trainingSet('versions');
    assert.equal(second.manifest.version, first.manifest.version + 1);
    const { datasets } = client();
    assert.deepEqual((await datasets.get('versions')).manifest, second.manifest);
    assert.deepEqual((await datasets.get('versions', first.manifest.version)).manifest, first.manifest);
    const listed = await datasets.list({ pageSize: 1 }).all();
    assert.deepEqual(
      listed.find((dataset) => dataset.name === 'versions'),
      second.manifest,
    );
    await assert.rejects(datasets.get('nothing'), { code: 'UNKNOWN_NAME' });
  });

  test(`${name}: progress is told`, async () => {
    const seen: (JobProgress | null)[] = [];
    const job = await client().datasets.create({ service: 'ranking', name: 'progress', labels: FORMS.rows?.() ?? [] });
    await job.wait({ pollMillis: 5, onProgress: (progress) => seen.push(progress) });
    assert.ok(seen.length > 0);
  });

  test(`${name}: labels that cannot be used`, async () => {
    const labels = [{ user_id: 1 }];
    const create = async (): Promise<unknown> =>
      await (await client().datasets.create({ service: 'ranking', labels })).wait({ pollMillis: 5 });
    await assert.rejects(create(), { code: 'INVALID_LABELS' });
  });

  test(`${name}: a materialization`, async () => {
    const { materializations } = client();
    const job = await materializations.create({ views: ['profile'], until: UNTIL, mode: 'full' });
    const runs = await job.wait({ pollMillis: 20 });
    assert.deepEqual(
      runs.map(({ view, outcome }) => [view, outcome]),
      [['profile', 'succeeded']],
    );
    assert.equal((await materializations.get(job.id)).id, job.id);
    assert.ok((await materializations.list().all()).some(({ id }) => id === job.id));
    await assert.rejects(materializations.create({ views: ['profil'] }), { code: 'UNKNOWN_NAME' });
  });

  test(`${name}: the registry`, async () => {
    const { registry } = client();
    const summary = await registry.summary();
    assert.equal(summary.project, 'shop');
    assert.deepEqual(summary.featureViews, ['profile', 'spending']);
    const names = async (list: AsyncIterable<{ readonly name: string }>): Promise<string[]> =>
      (await Array.fromAsync(list)).map((item) => item.name);
    assert.deepEqual(await names(registry.entities()), ['user']);
    assert.deepEqual(await names(registry.sources({ pageSize: 1 })), ['clicks', 'profiles']);
    assert.deepEqual(await names(registry.featureViews({ pageSize: 1 })), ['profile', 'spending']);
    assert.deepEqual(await names(registry.featureServices()), ['ranking']);
    assert.equal((await registry.featureView('profile')).name, 'profile');
    assert.equal((await registry.featureService('ranking')).name, 'ranking');
    await assert.rejects(registry.featureView('profil'), { code: 'UNKNOWN_NAME' });
  });

  async function trainingSet(set: string): Promise<Snapshot> {
    const labels = { columns: { user_id: KEYS, event_timestamp: TIMES } };
    return await (await client().datasets.create({ service: 'ranking', name: set, labels })).wait({ pollMillis: 20 });
  }
}
