import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import { fileUri } from '../storage/location.ts';
import { describePart } from './finished-parts.ts';
import { canonicalJson, type PartInfo, verifyParts, writeManifest } from './manifest.ts';
import { type RunManifest, readRunManifest, runFolder } from './manifest-run.ts';

const RUN: RunManifest = {
  kind: 'run',
  project: 'demo',
  view: 'clicks',
  viewKind: 'aggregate',
  run: '00000003',
  token: 3,
  mode: 'incremental',
  base: false,
  chain: ['00000001', '00000003'],
  basedOn: null,
  generation: 'abc.0',
  fingerprint: 'abc',
  registryVersion: 1,
  until: '2026-01-01T00:00:00Z',
  untilMicros: '1767225600000000',
  effectiveMicros: null,
  interval: { from: null, to: '2026-01-01T00:00:00Z' },
  startedAt: '2026-01-01T00:00:01Z',
  createdAt: '2026-01-01T00:00:02Z',
  sources: [{ name: 'clicks', files: [{ path: 'data/a.parquet', sizeBytes: 4, identity: '4-1-1' }] }],
  scan: { rows: 10, filesTotal: 1, filesScanned: 1, rowGroupsTotal: 1, rowGroupsScanned: 1 },
  keyColumns: [{ name: 'user_id', type: 'int64' }],
  features: [{ name: 'clicks_7d', type: 'list<int64>' }],
  parts: [],
  tombstoneParts: [],
  rows: 0,
  tombstones: 0,
  invalidValues: { clicks_7d: 0 },
};

describe('manifests', () => {
  let root: string;
  let store: FileObjectStore;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'plumb-manifest-'));
    store = new FileObjectStore({ root });
  });
  after(() => rm(root, { recursive: true }));

  it('are the same bytes for the same content', () => {
    assert.equal(canonicalJson({ b: [{ z: 1, a: null }], a: 'x' }), canonicalJson({ a: 'x', b: [{ a: null, z: 1 }] }));
    assert.equal(canonicalJson({ b: 1, a: [] }), '{\n  "a": [],\n  "b": 1\n}\n');
  });

  it('are written once and read back', async () => {
    assert.equal(await readRunManifest(store, 'clicks', RUN.run), null);
    assert.equal(await writeManifest(store, runFolder('clicks', RUN.run), RUN), true);
    assert.equal(await writeManifest(store, runFolder('clicks', RUN.run), { ...RUN, rows: 1 }), false);
    assert.deepEqual(await readRunManifest(store, 'clicks', RUN.run), RUN);
  });

  const part: PartInfo = { path: 'part-0.parquet', rows: 2, sizeBytes: 1, sha256: 'a'.repeat(64) };
  for (const [what, wrong] of [
    ['another kind', { kind: 'dataset' }],
    ['an unknown key', { extra: 1 }],
    ['a missing key', { chain: undefined }],
    ['rows that do not add up', { parts: [part], rows: 1 }],
    ['tombstones that do not add up', { tombstones: 1 }],
    ['a part outside its folder', { parts: [{ ...part, path: '../../x' }], rows: 2 }],
    ['a part with a short checksum', { parts: [{ ...part, sha256: 'ab' }], rows: 2 }],
    ['a chain that ends elsewhere', { chain: ['00000001', '00000002'] }],
    ['a base with a chain', { base: true }],
    ['a run that is not its token', { token: 4 }],
    ['no type', { features: [{ name: 'x', type: 'list< int64 >' }] }],
    ['an instant as a number', { untilMicros: 1 }],
  ] as const) {
    it(`with ${what} are refused`, async () => {
      const folder = runFolder('wrong', RUN.run);
      await store.put(`${folder}manifest.json`, Buffer.from(JSON.stringify({ ...RUN, ...wrong })));
      await assert.rejects(() => readRunManifest(store, 'wrong', RUN.run), {
        code: 'STORAGE_CORRUPT',
        message: /views\/wrong\/00000003\/manifest\.json is damaged/,
      });
    });
  }

  it('that are no JSON, no manifest or no UTF-8 are refused', async () => {
    for (const content of ['{"kind":', '', '{}', '\u0000\u0001', Buffer.from([0xff, 0xfe])]) {
      await store.put('views/wrong/00000009/manifest.json', Buffer.from(content));
      await assert.rejects(() => readRunManifest(store, 'wrong', '00000009'), { code: 'STORAGE_CORRUPT' });
    }
  });

  it('detect parts that are gone, shorter, or changed at the same size', async () => {
    const work = await store.workFolder();
    await writeFile(join(work, 'part'), 'content');
    const described = await describePart({ uri: fileUri(join(work, 'part')), rows: 3 }, 'part-0.parquet');
    assert.deepEqual(described, {
      path: 'part-0.parquet',
      rows: 3,
      sizeBytes: 7,
      sha256: 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73',
    });
    await store.adopt([{ localPath: join(work, 'part'), key: 'parts/part-0.parquet' }]);
    await verifyParts(store, 'parts/', [described]);
    await writeFile(join(root, 'parts/part-0.parquet'), 'CONTENT');
    await assert.rejects(() => verifyParts(store, 'parts/', [described]), {
      code: 'STORAGE_CORRUPT',
      message: /SHA-256/,
    });
    await truncate(join(root, 'parts/part-0.parquet'), 3);
    await assert.rejects(() => verifyParts(store, 'parts/', [described]), {
      code: 'STORAGE_CORRUPT',
      message: /3 bytes, expected 7/,
    });
    await store.delete(['parts/part-0.parquet']);
    await assert.rejects(() => verifyParts(store, 'parts/', [described]), {
      code: 'STORAGE_CORRUPT',
      message: /part-0/,
    });
  });
});
