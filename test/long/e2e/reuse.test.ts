// Training sets that take from a former one of the same labels what means the same there.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Dataset, DatasetJob } from '../../../schemas/wire-types.ts';
import { answerOf, hasEnded, post, refusal, waitFor } from '../../e2e/http-client.ts';
import { type TempProject, tempProject } from '../../e2e/project.ts';
import { CLICKS, DEFINITIONS, LABELS, SHOP, UNTIL } from '../../e2e/shop.ts';

const FIRST = DEFINITIONS.replace('[profile:*, spending:*]', '[profile:country, spending:clicks_1d]');
const CREATE = ['dataset', 'create', '--service', 'ranking'];
const WITH_LABELS = [...CREATE, '--labels', 'labels.csv'];

async function apply(shop: TempProject, text: string): Promise<void> {
  await shop.write('features/shop.yaml', text);
  const { code, err } = await shop.plumb('apply');
  assert.equal(code, 0, err);
}

/** With ranking@1, of two features; then the service has four. */
async function shopWithFormer(argv: readonly string[] = WITH_LABELS): Promise<TempProject> {
  const shop = await tempProject(SHOP);
  await apply(shop, FIRST);
  const { code, err } = await shop.plumb(...argv);
  assert.equal(code, 0, err);
  await apply(shop, DEFINITIONS);
  return shop;
}

async function made(shop: TempProject, ...argv: readonly string[]): Promise<Dataset> {
  const { code, document } = await shop.json(...argv);
  assert.equal(code, 0, JSON.stringify(document));
  return document as unknown as Dataset;
}

const sums = ({ parts }: Dataset) => parts.map(({ sha256 }) => sha256);

const refused = async (shop: TempProject, ...argv: readonly string[]) => {
  const { code, document } = await shop.json(...argv);
  return [code, document.error?.code, document.error?.message ?? ''] as const;
};

test('features that mean the same are taken, the others computed: the parts are those of a set from scratch', async () => {
  const shop = await shopWithFormer();
  const explained = await shop.plumb(...WITH_LABELS, '--reuse', 'ranking@1', '--explain');
  assert.match(explained.out, /reused from ranking@1: profile__country, spending__clicks_1d\n/);
  assert.match(explained.out, /spend_1d float64/);
  assert.doesNotMatch(explained.out, /clicks_1d int64/);
  const [reused, scratch] = [
    await made(shop, ...WITH_LABELS, '--reuse', 'ranking@1'),
    await made(shop, ...WITH_LABELS),
  ];
  assert.deepEqual(reused.reused, {
    ...{ name: 'ranking', version: 1, features: ['profile__country', 'spending__clicks_1d'] },
  });
  assert.deepEqual(sums(reused), sums(scratch));
  assert.deepEqual([reused.columns, reused.sources], [scratch.columns, scratch.sources]);
  assert.match(
    (await shop.plumb('dataset', 'show', 'ranking@2')).out,
    /reused +reused from ranking@1: profile__country/,
  );
  // One that was made by reuse can be reused itself.
  assert.equal((await made(shop, ...WITH_LABELS, '--reuse', 'ranking@2')).reused?.features.length, 4);
  const draft = await made(shop, ...WITH_LABELS, '--reuse', 'ranking@1', '--draft');
  assert.equal(draft.reused?.features.length, 2);
  assert.deepEqual((await refused(shop, ...WITH_LABELS, '--reuse', `ranking@${draft.version}`)).slice(0, 2), [
    2,
    'INVALID_REQUEST',
  ]);
});

test('what means something else, or was read from other files, is computed anew, and said', async () => {
  const shop = await shopWithFormer();
  await shop.write('data/clicks.jsonl', `${CLICKS}{"user_id":2,"ts":"2026-01-01T06:00:00Z","price":4}\n`);
  await apply(
    shop,
    DEFINITIONS.replace('{ name: country, type: string }', '{ name: country, type: string, default: XX }'),
  );
  const { code, err } = await shop.plumb(...WITH_LABELS, '--reuse', 'ranking@1');
  assert.equal(code, 0);
  assert.match(err, /reused from ranking@1: nothing\n/);
  assert.match(err, /computed anew: profile__country: it means something else now\n/);
  assert.match(err, /computed anew: spending__clicks_1d: files of its source clicks are not those that they were\n/);
  const reused = await made(shop, 'dataset', 'show', 'ranking@2');
  assert.deepEqual(reused.reused?.features, []);
  assert.deepEqual(sums(reused), sums(await made(shop, ...WITH_LABELS)));
});

test('another feature of a row view may decide which of two rows of one instant counts', async () => {
  const tied = ['US', 'DE'].map(
    (country, i) => `{"user_id":1,"ts":"2026-01-03T00:00:00Z","country":"${country}","points":${i}}\n`,
  );
  const shop = await tempProject({ ...SHOP, 'data/profiles.jsonl': tied.join('') });
  const country = '      - { name: country, type: string }\n';
  const points = '      - { name: points, type: int64 }\n';
  await apply(shop, DEFINITIONS.replace(points, ''));
  await made(shop, ...WITH_LABELS);
  await apply(shop, DEFINITIONS.replace(country + points, points + country));
  const reused = await made(shop, ...WITH_LABELS, '--reuse', 'ranking@1', '--out', 'out.csv');
  assert.deepEqual(reused.reused?.features, ['spending__clicks_1d', 'spending__spend_1d']);
  assert.match(reused.reused?.notReused?.[0]?.why ?? '', /rows of its view profile that have one instant/);
  assert.match(await shop.read('out.csv'), /^1,.*,true,1,DE,/m);
  assert.deepEqual(sums(reused), sums(await made(shop, ...WITH_LABELS)));
});

test('the keys of a view as labels, too', async () => {
  const argv = [...CREATE, '--keys-of', 'profile', '--at', UNTIL];
  const shop = await shopWithFormer(argv);
  const reused = await made(shop, ...argv, '--reuse', 'ranking@1');
  assert.equal(reused.reused?.features.length, 2);
  assert.deepEqual(sums(reused), sums(await made(shop, ...argv)));
  const later = [...CREATE, '--keys-of', 'profile', '--at', '2026-01-09T00:00:00Z', '--reuse', 'ranking@1'];
  assert.deepEqual((await refused(shop, ...later)).slice(0, 2), [2, 'INVALID_LABELS']);
});

test('a warning of a view is told again', async () => {
  const shop = await tempProject({
    ...SHOP,
    'labels.csv': 'user_id,event_timestamp,bought\n1,2026-01-01T00:00:00Z,true\n2,2026-01-02T00:00:00Z,false\n',
  });
  await apply(shop, FIRST);
  await made(shop, ...WITH_LABELS);
  await apply(shop, DEFINITIONS);
  const reused = await made(shop, ...WITH_LABELS, '--reuse', 'ranking@1');
  assert.deepEqual(reused.reused?.features, ['spending__clicks_1d']);
  assert.match(reused.warnings?.join() ?? '', /view profile: 2 of 2 labels/);
  assert.deepEqual(reused.warnings, (await made(shop, ...WITH_LABELS)).warnings);
});

test('other labels are refused, and so is a former set that is not there, not whole, or does not say enough', async () => {
  const shop = await shopWithFormer();
  const versions = (await shop.stored()).filter((file) => file.startsWith('datasets/'));
  await shop.write('others.csv', `${LABELS}1,2026-01-08T00:00:00Z,true\n`);
  const seconds = 'user_id,event_timestamp,at\n1,1767225600,1767225600\n';
  await shop.write('seconds.csv', seconds);
  await made(shop, ...CREATE, '--labels', 'seconds.csv', '--timestamp-unit', 's', '--name', 'seconds');
  const reuse = (labels: string, of: string, ...more: readonly string[]) =>
    refused(shop, ...CREATE, '--labels', labels, '--reuse', of, ...more);
  for (const [outcome, code, message] of [
    [
      await reuse('others.csv', 'ranking@1'),
      'INVALID_LABELS',
      /ranking@1 has other labels.*SHA-256 [0-9a-f]{64}, expected/,
    ],
    [await reuse('seconds.csv', 'seconds@1', '--timestamp-unit', 'ms'), 'INVALID_LABELS', /the unit of the timestamp/],
    [
      await reuse('seconds.csv', 'seconds@1', '--timestamp-unit', 's', '--timestamp-column', 'at'),
      'INVALID_LABELS',
      /found the timestamp column at, expected event_timestamp/,
    ],
    [await reuse('labels.csv', 'ranking@7'), 'UNKNOWN_NAME', /found version 7 of the dataset "ranking"/],
    [await reuse('labels.csv', 'rankin@1'), 'UNKNOWN_NAME', /did you mean "ranking"/],
    [await reuse('labels.csv', 'ranking'), 'INVALID_REQUEST', /expected NAME@VERSION/],
  ] as const) {
    assert.deepEqual(outcome.slice(0, 2), [2, code], outcome[2]);
    assert.match(outcome[2], message);
  }
  const storage = join(shop.folder, '.plumb');
  const [manifest = '', part = ''] = ['manifest.json', '.parquet'].map((end) =>
    join(storage, versions.find((file) => file.endsWith(end)) ?? ''),
  );
  const content = await readFile(part);
  await writeFile(part, content.fill(7, 10, 20));
  const damaged = await reuse('labels.csv', 'ranking@1');
  assert.equal(damaged[1], 'STORAGE_CORRUPT');
  assert.match(damaged[2], /found SHA-256/);
  await rm(part);
  assert.match((await reuse('labels.csv', 'ranking@1'))[2], /has no object datasets\/ranking/);
  const { features: _, ...older } = JSON.parse(await readFile(manifest, 'utf8'));
  await writeFile(manifest, JSON.stringify(older));
  assert.match((await reuse('labels.csv', 'ranking@1'))[2], /ranking@1 does not say what its columns mean/);
  const left = (await shop.stored()).filter((file) => file.startsWith('datasets/ranking/'));
  assert.deepEqual(
    left.map((file) => file.split('/')[2]),
    ['00000001'],
  );
});

test('over HTTP', async () => {
  const shop = await tempProject(SHOP);
  await apply(shop, FIRST);
  const server = await shop.serve();
  const labels = { columns: { user_id: [1, 2], event_timestamp: [UNTIL, '2026-01-01T12:00:00Z'] } };
  const create = async (more: object): Promise<DatasetJob> => {
    const job = await answerOf<DatasetJob>(
      await post(server.url, '/v1/datasets', { service: 'ranking', labels, ...more }),
      202,
    );
    return (await waitFor(server.url, job.id, hasEnded)) as DatasetJob;
  };
  assert.equal((await create({})).status, 'succeeded');
  await apply(shop, DEFINITIONS);
  // The server takes new versions up within a second.
  const deadline = Date.now() + 10_000;
  let dataset: Dataset;
  do {
    const { result, error } = await create({ reuse: 'ranking@1' });
    assert.equal(error ?? null, null);
    dataset = await answerOf<Dataset>(await fetch(`${server.url}/v1/datasets/ranking/${result?.version}`), 200);
  } while (dataset.features?.length !== 4 && Date.now() < deadline);
  assert.deepEqual(dataset.reused?.features, ['profile__country', 'spending__clicks_1d']);
  for (const [reuse, code] of [
    ['ranking', 'INVALID_REQUEST'],
    ['ranking@999', 'UNKNOWN_NAME'],
    [7, 'INVALID_REQUEST'],
  ] as const) {
    await refusal(await post(server.url, '/v1/datasets', { service: 'ranking', labels, reuse }), code);
  }
  const other = await create({ reuse: 'ranking@1', labels: { columns: { user_id: [1], event_timestamp: [UNTIL] } } });
  assert.deepEqual([other.status, other.error?.code], ['failed', 'INVALID_LABELS']);
});
