// Lookups that are bound to what a model learned: `ranking@3` and `churn@12` are answered exactly so, or not at all.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Dataset } from '../../../schemas/wire-types.ts';
import { PlumbClient } from '../../../sdk/typescript/src/index.ts';
import { KeyHolder } from '../../../src/access/caller.ts';
import { parseLookupQuery } from '../../../src/http/lookup/lookup-query.ts';
import { answerTo, createLookups } from '../../../src/http/lookup/lookups.ts';
import { openLookup } from '../../../src/in-process/index.ts';
import { DatasetCatalog } from '../../../src/offline/dataset-catalog.ts';
import { MemoryOnlineStore } from '../../../src/online/memory/memory-online-store.ts';
import { RegisteredVersions } from '../../../src/registry/registered-versions.ts';
import { FileObjectStore } from '../../../src/storage/file/file-object-store.ts';
import { tempProject } from '../../e2e/project.ts';
import { DEFINITIONS, SHOP, UNTIL } from '../../e2e/shop.ts';

const project = await tempProject(SHOP);
const plumb = await openLookup({ config: join(project.folder, 'plumb.yaml') });
after(() => plumb[Symbol.asyncDispose]());

async function apply(text: string, ...materialize: readonly string[]): Promise<void> {
  await project.write('features/shop.yaml', text);
  const { code, err } = await project.plumb('apply');
  assert.equal(code, 0, err);
  if (materialize.length === 0) return;
  const run = await project.plumb('materialize', ...materialize, '--until', UNTIL);
  assert.equal(run.code, 0, run.err);
}

const ENTITY = '{"user_id":1}';
const get = (...asked: readonly string[]) => project.json('get', ...asked, '--entity', ENTITY, '--at', UNTIL);

async function rowOf(...asked: readonly string[]) {
  const { code, document } = await get(...asked);
  assert.equal(code, 0, JSON.stringify(document));
  const { serviceVersion, features, rows } = document as unknown as {
    readonly serviceVersion?: number;
    readonly features: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
  };
  return { serviceVersion, features, row: rows[0] };
}

async function refusalOf(...asked: readonly string[]) {
  const { code, document } = await get(...asked);
  const { error } = document as {
    readonly error?: {
      readonly code: string;
      readonly message: string;
      readonly details: {
        readonly features?: readonly {
          readonly definedAs: string;
          readonly change: string;
          readonly how: readonly string[];
        }[];
      };
    };
  };
  assert.ok(error !== undefined, JSON.stringify(document));
  const features = error.details.features?.map(({ definedAs, change }) => `${definedAs} ${change}`) ?? [];
  return { exit: code, code: error.code, message: error.message, features };
}

const LEARNED = ['profile__country', 'profile__points', 'spending__clicks_1d', 'spending__spend_1d'];
const VALUES = ['US', 2 ** 53, 2, 3.5];
const AS_LEARNED = { serviceVersion: 1, features: LEARNED, row: VALUES };
const NAMED = DEFINITIONS.replace(
  '[profile:*, spending:*]',
  '[profile:country, profile:points, spending:clicks_1d, spending:spend_1d]',
);
const MORE = NAMED.replace(
  'features:\n      - { name: clicks_1d',
  'features:\n      - { name: most_1d, aggregate: max, column: price, window: 1d }\n      - { name: clicks_1d',
);

test('a version of a service and a training set have exactly the columns that were learned', async () => {
  await apply(NAMED);
  const { code, err } = await project.plumb(
    'dataset',
    'create',
    '--service',
    'ranking',
    '--labels',
    'labels.csv',
    '--name',
    'churn',
  );
  assert.equal(code, 0, err);
  assert.equal((await refusalOf('--dataset', 'churn@1')).code, 'NOT_MATERIALIZED');
  await apply(NAMED, 'profile', 'spending');
  assert.deepEqual(await rowOf('--service', 'ranking@1'), AS_LEARNED);
  assert.deepEqual(await rowOf('--dataset', 'churn@1'), AS_LEARNED);
  assert.deepEqual(await rowOf('--service', 'ranking'), { ...AS_LEARNED, serviceVersion: undefined });
});

test('a service that goes on to other members still answers what was learned', async () => {
  await apply(NAMED.replace('[profile:country, profile:points, spending:clicks_1d,', '[spending:clicks_1d,'));
  assert.deepEqual((await rowOf('--service', 'ranking')).row, VALUES.slice(2));
  for (const asked of [
    ['--service', 'ranking@1'],
    ['--dataset', 'churn@1'],
  ])
    assert.deepEqual(await rowOf(...asked), AS_LEARNED);
  assert.deepEqual(await rowOf('--service', 'ranking@2'), {
    serviceVersion: 2,
    features: LEARNED.slice(2),
    row: VALUES.slice(2),
  });
});

test('another feature in a view changes nothing, before its run and after it', async () => {
  await apply(MORE);
  assert.deepEqual(await rowOf('--dataset', 'churn@1'), AS_LEARNED);
  await apply(MORE, 'spending');
  assert.deepEqual(await rowOf('--dataset', 'churn@1'), AS_LEARNED);
  assert.deepEqual(await rowOf('--service', 'ranking@1'), AS_LEARNED);
});

test('a feature that means something else is served as it was learned until its run, and refused then with what changed', async () => {
  const changed = MORE.replace(
    'aggregate: sum, column: price, window: 1d',
    'aggregate: sum, column: price, window: 7d',
  );
  await apply(changed);
  assert.deepEqual(await rowOf('--dataset', 'churn@1'), AS_LEARNED);
  const early = await refusalOf('--service', 'ranking@4');
  assert.deepEqual([early.code, early.features], ['NOT_AS_LEARNED', ['spending:spend_1d not_materialized']]);
  await apply(changed, 'spending');
  const late = await refusalOf('--dataset', 'churn@1');
  assert.deepEqual([late.exit, late.code, late.features], [1, 'NOT_AS_LEARNED', ['spending:spend_1d changed']]);
  assert.match(
    late.message,
    /^dataset churn@1 cannot be answered as it was learned: spending__spend_1d \(feature view spending: features\[spend_1d\]\.window: "1d" → "7d"\)$/,
  );
  assert.equal((await refusalOf('--service', 'ranking@1')).code, 'NOT_AS_LEARNED');
  assert.deepEqual((await rowOf('--service', 'ranking@4')).features, LEARNED);
  assert.equal((await rowOf('--service', 'ranking')).serviceVersion, undefined);
});

test('a feature that is gone is refused, and one that is learned again is answered again', async () => {
  await apply(NAMED.replace('      - { name: points, type: int64 }\n', '').replace('profile:points, ', ''));
  const gone = await refusalOf('--service', 'ranking@1');
  assert.deepEqual(gone.features, ['profile:points removed', 'spending:spend_1d not_materialized']);
  await apply(NAMED, 'profile', 'spending');
  assert.deepEqual(await rowOf('--dataset', 'churn@1'), AS_LEARNED);
});

test('HTTP and a process of one’s own say the same', async () => {
  const server = await project.serve();
  const body = { entities: [{ user_id: 1 }], at: UNTIL, int64: 'string' };
  const ask = async (asked: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/v1/online-features`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, ...asked }),
    });
    return { status: answer.status, document: (await answer.json()) as Record<string, unknown> };
  };
  const { status, document } = await ask({ dataset: 'churn@1' });
  assert.equal(status, 200);
  assert.deepEqual([document.service, document.serviceVersion, document.features], ['ranking', 1, LEARNED]);
  assert.deepEqual((await ask({ service: 'ranking@1' })).document, document);
  assert.deepEqual(
    (await plumb.lookup({ dataset: 'churn@1', entities: [{ user_id: 1 }], at: UNTIL })).serviceVersion,
    1,
  );
  for (const [asked, expected] of [
    [{ service: 'ranking@4' }, 409],
    [{ service: 'ranking@99' }, 404],
    [{ service: 'rankin@1' }, 404],
    [{ service: 'ranking@latest' }, 400],
    [{ dataset: 'churn' }, 400],
    [{ dataset: 'churn@2' }, 404],
    [{ dataset: 'churn@1', service: 'ranking' }, 400],
  ] as const)
    assert.equal((await ask(asked)).status, expected, JSON.stringify(asked));
});

test('the SDK looks up what a training set has, in JSON and in Arrow', async () => {
  const client = new PlumbClient({ url: (await project.serve()).url });
  const training = await client.datasets.get('churn');
  const entities = [{ user_id: 1 }];
  const answer = await training.lookup({ entities, at: UNTIL });
  assert.deepEqual([answer.service, answer.serviceVersion, answer.features], ['ranking', 1, LEARNED]);
  assert.deepEqual(answer.rows, [['US', 9_007_199_254_740_993n, 2, 3.5]]);
  const columns = await client.lookupColumns({ dataset: 'churn@1', entities, at: UNTIL });
  assert.deepEqual([columns.serviceVersion, columns.features], [1, LEARNED]);
  assert.equal((await client.lookup({ service: 'ranking', entities })).serviceVersion, undefined);
});

test('a part of a training set says by itself which columns are features, and what they mean', async () => {
  const { document } = await project.json('dataset', 'show', 'churn');
  const manifest = document as unknown as Dataset;
  const file = join(project.folder, '.plumb/datasets/churn/00000001', manifest.parts[0]?.path ?? '');
  const bytes = (await readFile(file)).toString('latin1');
  const { project: name, service, serviceVersion, features, registryVersion } = manifest;
  assert.ok(bytes.includes(JSON.stringify({ project: name, registryVersion, service, serviceVersion, features })));
});

test('a key that is limited to a service sees the versions and training sets of that service alone', async () => {
  const holder = (service: string) =>
    new KeyHolder({ id: 'k', role: 'reader', limitedTo: { services: [service], sources: [] } });
  const registry = new RegisteredVersions(new FileObjectStore({ root: join(project.folder, '.plumb') }), 'shop');
  const catalog = await registry.current();
  const datasets = async () => new DatasetCatalog(new FileObjectStore({ root: join(project.folder, '.plumb') }));
  const lookups = createLookups({ current: async () => catalog }, new MemoryOnlineStore(), {
    versions: registry,
    datasets,
  });
  for (const asked of [{ service: 'ranking@1' }, { dataset: 'churn@1' }]) {
    const query = parseLookupQuery({ ...asked, entities: [] }, 1);
    // Nothing is live in this store: whoever gets there was let in.
    await assert.rejects(async () => answerTo({ caller: holder('ranking'), query, form: 'json' }, lookups), {
      code: 'NOT_MATERIALIZED',
    });
    await assert.rejects(async () => answerTo({ caller: holder('other'), query, form: 'json' }, lookups), {
      code: 'FORBIDDEN',
    });
  }
});

test('a training set of before features had a meaning is refused, and says what to do', async () => {
  const path = '.plumb/datasets/churn/00000001/manifest.json';
  const { serviceVersion, features, ...old } = JSON.parse(await readFile(join(project.folder, path), 'utf8'));
  assert.equal(serviceVersion, 1);
  assert.deepEqual(features[3].feature, 'spending:spend_1d');
  await project.write(path, JSON.stringify(old));
  const { code, message } = await refusalOf('--dataset', 'churn@1');
  assert.equal(code, 'NOT_AS_LEARNED');
  assert.match(message, /made before training sets kept what their features mean, .*: create it again$/);
});
