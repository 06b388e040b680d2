import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import { fakeApp, fakeIo, opened, projectFolder } from '../../../test/support/fake-app.ts';
import type { Catalog, Source } from '../../catalog/catalog.ts';
import type { App } from '../app.ts';
import { runCli } from '../program.ts';
import { checkNode } from './machine.ts';

const CLICKS: Source = {
  name: 'clicks',
  kind: 'batch',
  path: 'data/*.parquet',
  format: 'parquet',
  timestampColumn: 'ts',
  timestampUnit: null,
  createdTimestampColumn: null,
  createdTimestampUnit: null,
  columns: new Map(),
  description: null,
  owner: null,
  tags: {},
};
const CATALOG: Catalog = {
  project: 'demo',
  version: 2,
  entities: new Map(),
  sources: new Map([['clicks', CLICKS]]),
  views: new Map(),
  services: new Map(),
};

const refuse = () => assert.fail();

function healthy(fileCount = 1, current = async (): Promise<Catalog> => CATALOG): Partial<App> {
  const unchanged = { outcome: 'unchanged', version: 2, changes: [], catalog: CATALOG } as const;
  return {
    openRegistry: opened({
      draft: () => assert.fail(),
      apply: async () => unchanged,
      current,
      version: refuse,
    }).open,
    openSourceInspector: opened({ inspect: async () => ({ fileCount, columns: new Map() }), check: refuse }).open,
    openDatasets: opened({
      explain: refuse,
      evaluate: () => assert.fail(),
      create: refuse,
      show: refuse,
      keep: refuse,
      bound: refuse,
      list: async () => ({ datasets: [], damaged: [] }),
    }).open,
    openMaterializer: opened({ materialize: refuse, status: async () => [] }).open,
    openObjectStore: opened({
      ...{ get: refuse, readRange: refuse, putIfAbsent: refuse, list: refuse, localPath: refuse },
      ...{ adopt: refuse, workFolder: refuse },
      ...{ put: refuse, delete: refuse },
      examine: async () => 'it is writable',
    }).open,
    openOnlineStore: opened({
      ...{ read: refuse, writeRows: refuse, dropField: refuse, listFields: refuse },
      ...{ sweep: refuse, listStates: refuse, writeState: refuse, removeState: refuse },
      ...{ ping: refuse, readPartially: refuse, health: refuse, streams: () => assert.fail() },
      examine: async () => ({ found: 'lmdb answers', dangers: [] }),
    }).open,
  };
}

async function doctor(parts: Partial<App>, projectFile?: string) {
  const io = fakeIo(await projectFolder(projectFile));
  const code = await runCli(['doctor', '--json'], fakeApp(parts), io);
  const { checks } = JSON.parse(io.stdout()) as {
    checks: { name: string; outcome: string; found: string; advice: string | null }[];
  };
  return { code, checks: new Map(checks.map((check) => [check.name, check])) };
}

test('a healthy project passes every check', async () => {
  const { code, checks } = await doctor(healthy());
  assert.equal(code, 0);
  assert.deepEqual(
    [...checks.keys()],
    [
      'node',
      'project file',
      'storage',
      'definitions',
      'registry',
      'sources',
      'online store',
      'watermarks',
      'training sets',
      'disk space',
    ],
  );
  assert.ok([...checks.values()].every(({ outcome, name }) => outcome === 'ok' || name === 'disk space'));
});

test('a source without files fails, and the other checks go on', async () => {
  const { code, checks } = await doctor(healthy(0));
  assert.equal(code, 1);
  assert.deepEqual(checks.get('sources')?.found, 'no file for clicks (data/*.parquet)');
  assert.equal(checks.get('storage')?.outcome, 'ok');
});

test('what cannot be opened is a finding in its own words; a defect is an internal error', async () => {
  const away = new PlumbError('STORE_UNAVAILABLE', 'the online store does not answer');
  const { code, checks } = await doctor({ ...healthy(), openOnlineStore: () => Promise.reject(away) });
  assert.equal(code, 1);
  assert.deepEqual(checks.get('watermarks')?.found, 'not checked: it needs the online store');
  assert.deepEqual([checks.get('online store')?.outcome, checks.get('online store')?.found], ['fail', away.message]);
  const broken = await doctor({ ...healthy(), openMaterializer: () => Promise.reject(new Error('a secret')) });
  const watermarks = broken.checks.get('watermarks');
  assert.deepEqual([watermarks?.outcome, watermarks?.found], ['fail', 'internal error']);
});

test('before the first apply one check says so, and what needs the registry is not checked', async () => {
  const message = 'project shop has no registered version yet: run `plumb apply`';
  const { code, checks } = await doctor(healthy(1, () => Promise.reject(new PlumbError('NOT_APPLIED', message))));
  assert.equal(code, 1);
  assert.deepEqual([checks.get('registry')?.outcome, checks.get('registry')?.found], ['fail', message]);
  for (const name of ['sources', 'watermarks'])
    assert.equal(checks.get(name)?.found, 'not checked: it needs the registry');
});

test('without a readable project file there is nothing more to check', async () => {
  const { code, checks } = await doctor({}, 'projct: x\n');
  assert.equal(code, 1);
  assert.deepEqual([...checks.keys()], ['node', 'project file']);
});

test('an old Node is told', () => {
  assert.equal(checkNode('22.1.0').outcome, 'fail');
  assert.equal(checkNode('24.0.0').outcome, 'ok');
});
