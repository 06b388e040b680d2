// The contract of object stores on a real S3 server.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { DatasetCatalog, type DatasetDraft } from '../../src/offline/dataset-catalog.ts';
import { verifyParts } from '../../src/offline/manifest.ts';
import { datasetFolder } from '../../src/offline/stored-dataset.ts';
import { fileUri } from '../../src/storage/location.ts';
import { objectStoreSuite } from '../contract/object-store/object-store.suite.ts';
import { openS3Store, type S3Location } from '../contract/object-store/s3-store.ts';
import { S3Server } from '../servers/s3.ts';

let server: S3Server;
before(async () => {
  server = await S3Server.start();
  Object.assign(process.env, server.credentials);
});
after(() => server[Symbol.asyncDispose]());

objectStoreSuite(
  's3',
  async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'plumb-s3-cache-'));
    const { endpoint, bucket } = server;
    const location = JSON.stringify({ address: `s3://${bucket}/contract`, endpoint, cacheFolder } satisfies S3Location);
    return { kind: 's3', location, store: openS3Store(location) };
  },
  (location) => rm((JSON.parse(location) as S3Location).cacheFolder, { recursive: true }),
);

const DRAFT: DatasetDraft = {
  name: 'train',
  createdAt: '2026-01-01T00:00:00Z',
  project: 'demo',
  registryVersion: 1,
  service: 'ranking',
  columns: [{ name: 'user_id', type: 'label', physical: 'BIGINT' }],
  labels: { file: 'labels.parquet', sha256: 'a'.repeat(64), timestampColumn: 'event_timestamp', interval: null },
  sources: [],
};

it('concurrent creators of a training set get versions of their own, whole, with no part left over', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'plumb-s3-cache-'));
  after(() => rm(cacheFolder, { recursive: true }));
  const { endpoint, bucket } = server;
  const location = JSON.stringify({ address: `s3://${bucket}/datasets-of-many`, endpoint, cacheFolder });
  const published = await Promise.all(
    Array.from({ length: 6 }, async (_, creator) => {
      await using store = openS3Store(location);
      const folder = await store.workFolder();
      await writeFile(join(folder, 'part'), `part of ${creator}`);
      const manifest = await new DatasetCatalog(store).publish(DRAFT, [
        { uri: fileUri(join(folder, 'part')), rows: 1 },
      ]);
      await rm(folder, { recursive: true });
      return manifest;
    }),
  );
  assert.deepEqual(published.map(({ version }) => version).toSorted(), [1, 2, 3, 4, 5, 6]);
  await using store = openS3Store(location);
  for (const { version, parts } of published) await verifyParts(store, datasetFolder('train', version), parts);
  const keys = (await store.list('')).map(({ key }) => key);
  assert.equal(keys.length, 12, keys.join(', '));
});
