import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { filePath, fileUri } from '../storage/location.ts';
import { DatasetCatalog } from './dataset-catalog.ts';
import { MANIFEST_FILE } from './manifest.ts';
import { heldParts, holdParts, type Reuse, requireReusable } from './reuse.ts';
import { datasetFolder } from './stored-dataset.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-reuse-'));
const store = new FileObjectStore({ root });
const datasets = new DatasetCatalog(store);
after(async () => {
  await store[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

async function formerOf(...contents: readonly string[]): Promise<Reuse> {
  const folder = await store.workFolder();
  const parts = contents.map((content, i) => ({ path: join(folder, `${i}.parquet`), rows: content.length, content }));
  for (const { path, content } of parts) await writeFile(path, content);
  const manifest = await datasets.publish(
    {
      ...{ name: 'train', createdAt: '2026-01-01T00:00:00Z', project: 'demo', registryVersion: 1, service: 'ranking' },
      ...{ columns: [], warnings: [], sources: [], features: [] },
      labels: { file: 'labels.csv', sha256: 'a'.repeat(64), timestampColumn: 't', interval: null },
    },
    parts.map(({ path, rows }) => ({ uri: fileUri(path), rows })),
  );
  return { former: requireReusable(manifest), stored: new Map(), notReused: [] };
}

/** As `plumb gc` removes one: the manifest first. */
async function collect({ former: { name, version, parts } }: Reuse): Promise<void> {
  const folder = datasetFolder(name, version);
  for (const file of [MANIFEST_FILE, ...parts.map(({ path }) => path)]) await store.delete([`${folder}${file}`]);
}

test('a former set that is removed once its parts are held is read all the same', async () => {
  const reuse = await formerOf('first', 'second');
  const folder = await store.workFolder();
  await holdParts({ store, datasets }, reuse, folder);
  await collect(reuse);
  const read = await Promise.all(heldParts(reuse, folder).map((uri) => readFile(filePath(uri), 'utf8')));
  assert.deepEqual(read, ['first', 'second']);
});

test('one that is removed before is told as what is not there', async () => {
  const reuse = await formerOf('first');
  await formerOf('the next version');
  await collect(reuse);
  await assert.rejects(holdParts({ store, datasets }, reuse, await store.workFolder()), { code: 'UNKNOWN_NAME' });
});
