import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { fileUri } from '../storage/location.ts';
import type { PartFile } from './compute.ts';
import { DatasetCatalog, type DatasetDraft } from './dataset-catalog.ts';
import { verifyParts } from './manifest.ts';
import { datasetFolder } from './stored-dataset.ts';

const draft = (name: string): DatasetDraft => ({
  name,
  createdAt: '2026-01-01T00:00:00Z',
  project: 'demo',
  registryVersion: 1,
  service: 'ranking',
  columns: [{ name: 'user_id', type: 'label', physical: 'BIGINT' }],
  labels: { file: 'labels.parquet', sha256: 'a'.repeat(64), timestampColumn: 'event_timestamp', interval: null },
  sources: [],
});

describe('dataset catalog', () => {
  let root: string;
  let store: FileObjectStore;
  let catalog: DatasetCatalog;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'plumb-datasets-'));
    store = new FileObjectStore({ root });
    catalog = new DatasetCatalog(store);
  });
  afterEach(() => rm(root, { recursive: true }));

  const finished = async (...contents: readonly string[]): Promise<readonly PartFile[]> => {
    const folder = await store.workFolder();
    return await Promise.all(
      contents.map(async (content, index) => {
        const localPath = join(folder, `${index}.parquet`);
        await writeFile(localPath, content);
        return { uri: fileUri(localPath), rows: content.length };
      }),
    );
  };

  it('publishes parts in order as the next version, and shows the newest', async () => {
    const first = await catalog.publish(draft('train'), await finished('one', 'three'));
    const second = await catalog.publish(draft('train'), await finished('two'));
    await catalog.publish(draft('Beta'), await finished());
    assert.deepEqual([first.version, first.rows, second.version, second.rows], [1, 8, 2, 3]);
    const folder = datasetFolder('train', 1);
    await verifyParts(store, folder, first.parts);
    assert.deepEqual(await Promise.all(first.parts.map(({ path }) => readFile(join(root, folder, path), 'utf8'))), [
      'one',
      'three',
    ]);
    assert.deepEqual(await catalog.show('train', null), second);
    assert.deepEqual(await catalog.show('train', 1), first);
    assert.deepEqual(
      (await catalog.list()).datasets.map(({ name, version }) => [name, version]),
      [
        ['Beta', 1],
        ['train', 2],
      ],
    );
  });

  it('gives concurrent creators versions of their own, with whole parts and none left over', async () => {
    const drafts = await Promise.all(
      Array.from({ length: 12 }, (_, creator) => finished(`part of ${creator}`, `more of ${creator}`)),
    );
    const manifests = await Promise.all(
      drafts.map((parts) => new DatasetCatalog(new FileObjectStore({ root })).publish(draft('train'), parts)),
    );
    assert.deepEqual(
      manifests.map(({ version }) => version).sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    for (const [creator, { version, parts }] of manifests.entries()) {
      const folder = datasetFolder('train', version);
      await verifyParts(store, folder, parts);
      assert.equal(await readFile(join(root, folder, parts[0]?.path ?? ''), 'utf8'), `part of ${creator}`);
      assert.equal((await readdir(join(root, folder))).length, 3);
    }
  });

  it('does not see parts without a manifest', async () => {
    await store.put('datasets/train/00000001/part-0.parquet', Buffer.from('orphan'));
    assert.deepEqual((await catalog.list()).datasets, []);
    await assert.rejects(() => catalog.show('train', null), {
      code: 'UNKNOWN_NAME',
      message: /no dataset was created yet/,
    });
    assert.equal((await catalog.publish(draft('train'), await finished('x'))).version, 1);
  });

  it('leaves nothing behind when a part cannot be moved', async () => {
    const parts = await finished('one', 'two');
    class FullStore extends FileObjectStore {
      override async putIfAbsent(): Promise<boolean> {
        throw new PlumbError('RESOURCE_EXHAUSTED', 'full');
      }
    }
    await assert.rejects(() => new DatasetCatalog(new FullStore({ root })).publish(draft('train'), parts), {
      code: 'RESOURCE_EXHAUSTED',
    });
    assert.deepEqual(await store.list('datasets/'), []);
    assert.equal((await catalog.publish(draft('train'), await finished('x'))).version, 1);
  });

  it('names the nearest dataset and the versions there are', async () => {
    await catalog.publish(draft('training'), await finished('x'));
    await assert.rejects(() => catalog.show('trainin', null), {
      code: 'UNKNOWN_NAME',
      message: /did you mean "training"/,
    });
    await assert.rejects(() => catalog.show('training', 7), {
      code: 'UNKNOWN_NAME',
      message: /found version 7 .* expected 1/,
    });
    await assert.rejects(() => catalog.show('../x', null), { code: 'UNKNOWN_NAME' });
  });

  it('refuses names that can be no folder', async () => {
    for (const name of ['', '..', 'a/b', '.hidden', '-x', 'a b', 'é', 'x'.repeat(129)]) {
      await assert.rejects(async () => catalog.publish(draft(name), []), { code: 'INVALID_REQUEST' }, name);
    }
  });
});
