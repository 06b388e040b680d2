import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { fakeApp, fakeIo, opened, projectFolder } from '../../test/support/fake-app.ts';
import { fakeParts } from '../../test/support/fake-parts.ts';
import { until } from '../../test/waiting.ts';
import type { Catalog, Entity } from '../catalog/catalog.ts';
import type { LookupQuery } from '../http/lookup/lookup-query.ts';
import type { MaterializeRequest, RunReport } from '../materialize/run.ts';
import type { DatasetRequest } from '../offline/dataset.ts';
import type { ObjectChange } from '../registry/diff.ts';
import type { ApplyReport } from '../registry/registry.ts';
import { FileObjectStore } from '../storage/file/file-object-store.ts';
import type { App } from './app.ts';
import { runCli } from './program.ts';

const folder = await projectFolder();

async function run(argv: readonly string[], parts: Partial<App> = {}, env: Readonly<Record<string, string>> = {}) {
  const io = fakeIo(folder, env);
  const code = await runCli(argv, fakeApp(parts), io);
  return { code, out: io.stdout(), err: io.stderr() };
}

test('a misspelt variable is told at the start, beside what the command says, and once', async () => {
  const { code, err } = await run(['list'], {}, { PLUMB_ONLINE_KNID: 'redis' });
  const warning = 'warning: nothing reads the variable PLUMB_ONLINE_KNID; did you mean PLUMB_ONLINE_KIND?\n';
  assert.equal(err.split(warning).length, 2, err);
  const without = await run(['list']);
  assert.deepEqual([code, err.replace(warning, '')], [without.code, without.err]);
});

const USAGE: readonly (readonly string[])[] = [
  [],
  ['aply'],
  ['apply', 'extra'],
  ['apply', '--nope'],
  ['describe'],
  ['get', '--service', 's'],
  ['get', '--service', 's', '--entity', '{'],
  ['get', '--service', 's', '--entity', '[1]'],
  ['get', '--service', 's', '--entity', '{}', '--at', 'yesterday'],
  ['dataset'],
  ['dataset', 'create', '--service', 's'],
  ['dataset', 'create', '--service', 's', '--labels', 'l.csv', '--timestamp-unit', 'h'],
  ['dataset', 'show', 'a@b'],
  ['materialize', '--full', '--from-snapshot'],
  ['materialize', '--until', 'soon'],
  ['serve', '--port', '65536'],
  ['serve', '--port', 'http'],
];
for (const argv of USAGE) {
  test(`a wrong request: plumb ${argv.join(' ')}`, async () => {
    const plain = await run(argv);
    assert.equal(plain.code, 2);
    assert.equal(plain.out, '');
    assert.notEqual(plain.err, '');
    const json = await run(['--json', ...argv]);
    assert.equal(json.code, 2);
    assert.equal(json.err, '');
    assert.equal(JSON.parse(json.out).error.code, 'INVALID_REQUEST');
  });
}

test('help and version are results, and open nothing', async () => {
  for (const argv of [['--help'], ['materialize', '--help'], ['--version'], ['help', 'dataset']]) {
    const { code, out, err } = await run(argv);
    assert.deepEqual([code, err], [0, '']);
    assert.notEqual(out, '');
  }
});

test('a missing project file says what to do', async () => {
  const { code, err } = await run(['list', '--config', 'elsewhere.yaml']);
  assert.equal(code, 2);
  assert.match(err, /no project file at .*elsewhere\.yaml: run `plumb init`/);
});

test('an unexpected exception is an internal error without its words, unless asked for', async () => {
  const parts = { openRegistry: () => Promise.reject(new Error('a secret')) };
  const quiet = await run(['list'], parts);
  assert.deepEqual([quiet.code, quiet.out, quiet.err], [1, '', 'error: internal error\n']);
  const json = await run(['list', '--json'], parts);
  assert.deepEqual(JSON.parse(json.out), { error: { code: 'INTERNAL', message: 'internal error', details: {} } });
  assert.match((await run(['list'], parts, { PLUMB_DEBUG: '1' })).err, /a secret[\s\S]*at /);
});

test('each code of an error has its exit code', async () => {
  const failing = (error: PlumbError) => ({ openRegistry: () => Promise.reject(error) });
  assert.equal((await run(['list'], failing(new PlumbError('NOT_APPLIED', 'run `plumb apply`')))).code, 2);
  assert.equal((await run(['list'], failing(new PlumbError('STORAGE_UNAVAILABLE', 'no storage')))).code, 1);
});

const EMPTY: Catalog = {
  project: 'demo',
  version: 4,
  entities: new Map(),
  sources: new Map(),
  views: new Map(),
  services: new Map(),
};

test('apply shows what changes', async () => {
  const changes: readonly ObjectChange[] = [
    { kind: 'entity', name: 'user', change: 'added', paths: [], isRebuilt: false },
    {
      kind: 'feature view',
      name: 'v',
      change: 'changed',
      paths: [{ path: 'ttl', before: null, after: '1d' }],
      isRebuilt: true,
    },
  ];
  const report: ApplyReport = { outcome: 'registered', version: 4, changes, catalog: EMPTY };
  const refuse = () => assert.fail();
  const registry = opened({ draft: () => assert.fail(), apply: async () => report, current: refuse, version: refuse });
  const root = await mkdtemp(join(tmpdir(), 'plumb-apply-'));
  const app = {
    openRegistry: registry.open,
    openObjectStore: async () =>
      Object.assign(new FileObjectStore({ root }), { [Symbol.asyncDispose]: async () => {} }),
  };
  const { code, out } = await run(['apply'], app);
  const rebuilt = '(its values change: the next materialization rebuilds it)';
  const lines = [
    '+ entity user',
    `~ feature view v ${rebuilt}`,
    '    ttl: nothing → "1d"',
    'Registered version 4.',
    '',
  ];
  assert.deepEqual([code, out], [0, lines.join('\n')]);
  assert.equal(registry.closed(), 1);
  const json = await run(['apply', '--dry-run', '--json'], app);
  assert.deepEqual(JSON.parse(json.out), { outcome: 'registered', version: 4, changes });
});

const USER: Entity = {
  name: 'user',
  joinKeys: [{ name: 'id', type: 'int64' }],
  description: 'who',
  owner: null,
  tags: {},
};

test('list and describe show the registered version; an unknown name has its nearest', async () => {
  const catalog: Catalog = { ...EMPTY, entities: new Map([['user', USER]]) };
  const refuse = () => assert.fail();
  const parts = {
    openRegistry: opened({ draft: () => assert.fail(), apply: refuse, current: async () => catalog, version: refuse })
      .open,
  };
  assert.match((await run(['list'], parts)).out, /demo, version 4[\s\S]*Entities\n +name +join keys\n +user +id int64/);
  assert.equal(JSON.parse((await run(['list', '--json'], parts)).out).entities[0].name, 'user');
  assert.match((await run(['describe', 'user'], parts)).out, /^entity user\n[\s\S]*description +who[\s\S]*id +int64/);
  assert.equal(JSON.parse((await run(['describe', 'user', '--json'], parts)).out).object, 'entity');
  const unknown = await run(['describe', 'usr'], parts);
  assert.deepEqual([unknown.code, unknown.err], [2, 'error: nothing is named "usr"; the nearest name is "user"\n']);
});

test('an object with nothing but its rows has no empty block above them; an empty kind is told', async () => {
  const feature = { name: 'v__f', view: 'v', feature: 'f', readAs: ['id'] };
  const service = { name: 's', features: [feature], description: null, owner: null, tags: {} };
  const catalog: Catalog = { ...EMPTY, services: new Map([['s', service]]) };
  const refuse = () => assert.fail();
  const parts = {
    openRegistry: opened({ draft: () => assert.fail(), apply: refuse, current: async () => catalog, version: refuse })
      .open,
  };
  const { out } = await run(['describe', 's'], parts);
  assert.equal(out, 'feature service s\n\nfeatures\n  name  feature  readAs\n  v__f  v:f      id\n');
  assert.match((await run(['list'], parts)).out, /^Entities\n {2}none$/m);
});

const REPORT: RunReport = {
  view: 'v',
  run: '00000001',
  mode: 'incremental',
  outcome: 'succeeded',
  notice: null,
  generation: 'g-0',
  until: '2026-01-08T00:00:00Z',
  startedAt: '2026-01-08T00:00:00Z',
  finishedAt: '2026-01-08T00:00:01.500Z',
  rowsScanned: 10,
  rowsWritten: 5,
  tombstonesWritten: 1,
  invalidValues: {},
  sourceFiles: { total: 1, scanned: 1, rowGroupsTotal: 1, rowGroupsScanned: 1 },
};

function materializer(reports: readonly RunReport[], asked: MaterializeRequest[] = []) {
  return opened({
    materialize: async (request: MaterializeRequest) => {
      asked.push(request);
      return reports;
    },
    status: async () => [],
  });
}

test('materialize passes its request on and fails only where a view failed', async () => {
  const asked: MaterializeRequest[] = [];
  const argv = ['materialize', 'a', 'b', '--until', '2026-01-08T00:00:00Z', '--full'];
  const done = await run(argv, { openMaterializer: materializer([REPORT], asked).open });
  assert.equal(done.code, 0);
  assert.match(done.out, /^view\s+run.*\nv\s+00000001\s+incremental\s+succeeded/);
  assert.deepEqual(asked, [
    { views: ['a', 'b'], service: null, untilMicros: 1_767_830_400_000_000n, isUntilNow: false, mode: 'full' },
  ]);
  const skipped = { ...REPORT, outcome: 'skipped', notice: 'continuous' } as const;
  assert.equal((await run(['materialize'], { openMaterializer: materializer([REPORT, skipped]).open })).code, 0);
  const failed = { ...REPORT, outcome: 'failed', notice: 'source is gone' } as const;
  const one = await run(['materialize', '--json'], { openMaterializer: materializer([REPORT, failed]).open });
  assert.equal(one.code, 1);
  assert.deepEqual(JSON.parse(one.out), { runs: [REPORT, failed] });
});

test('an interrupt aborts the work, closes what is open and exits with 130; a second one ends the process', async () => {
  const io = fakeIo(folder);
  const part = opened({ materialize: async () => [], status: async () => [] });
  const begun = Promise.withResolvers<void>();
  const app = fakeApp({
    openMaterializer: async (_config, { signal }) => {
      const opening = await part.open();
      const work = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => work.reject(new PlumbError('CANCELLED', 'the work was cancelled')));
      const materialize = () => {
        begun.resolve();
        return work.promise;
      };
      return Object.assign(opening, { materialize });
    },
  });
  const running = runCli(['materialize'], app, io);
  await begun.promise;
  io.signal('SIGINT');
  io.signal('SIGINT');
  assert.equal(await running, 130);
  assert.equal(io.forcedExit(), 130);
  assert.match(io.stderr(), /^stopping\nerror: interrupted\n$/);
  assert.equal(part.closed(), 1);
});

test('dataset create resolves paths against the current folder', async () => {
  const asked: DatasetRequest[] = [];
  const refuse = async (request: DatasetRequest) => {
    asked.push(request);
    throw new PlumbError('INVALID_LABELS', 'no column event_timestamp');
  };
  const datasets = opened({
    create: refuse,
    explain: refuse,
    evaluate: () => assert.fail(),
    list: async () => ({ datasets: [], damaged: [] }),
    show: () => assert.fail(),
    keep: () => assert.fail(),
    bound: () => assert.fail(),
  });
  const argv = [
    'dataset',
    'create',
    '--service',
    's',
    '--labels',
    'l.csv',
    '--out',
    'o.jsonl',
    '--timestamp-unit',
    'ms',
  ];
  const { code, err } = await run(argv, { openDatasets: datasets.open });
  assert.deepEqual([code, err], [2, 'error: no column event_timestamp\n']);
  const labels = { kind: 'file', path: join(folder, 'l.csv'), timestampUnit: 'ms' };
  assert.deepEqual(asked, [
    { service: 's', labels, timestampColumn: 'event_timestamp', name: null, outPath: join(folder, 'o.jsonl') },
  ]);
});

test('get keeps all digits, both ways', async () => {
  const asked: LookupQuery[] = [];
  const text =
    '{"service":"s","version":1,"features":["f"],"rows":[[9007199254740993]],"statuses":[["PRESENT"]],"at":"2026-01-08T00:00:00Z"}';
  const answer = async (query: LookupQuery) => {
    asked.push(query);
    return Buffer.from(text);
  };
  const parts = { openLookups: opened({ answer, ready: async () => {} }).open };
  const argv = ['get', '--service', 's', '--entity', '{"id":9007199254740995}', '--at', '2026-01-08T00:00:00Z'];
  const plain = await run(argv, parts);
  assert.equal(plain.code, 0);
  assert.match(plain.out, /^\{"id":9007199254740995\}\nfeature\s+value\s+status\nf\s+9007199254740993\s+PRESENT\n/);
  assert.deepEqual(asked[0]?.entities, [{ id: 9007199254740995n }]);
  const json = await run([...argv, '--json'], parts);
  assert.match(json.out, /^\{[\s\S]*9007199254740993[\s\S]*\}\n$/);
});

test('serve says where it listens and ends with 0 when told to stop', async () => {
  const io = fakeIo(folder, { PLUMB_LOG_LEVEL: 'silent' });
  const store = new FileObjectStore({ root: join(folder, '.plumb') });
  const part = opened({ ...fakeParts(store), ready: async () => {} });
  const running = runCli(['serve', '--port', '0'], fakeApp({ openServer: part.open }), io);
  await until(() => io.stdout() !== '');
  const url = /^plumb listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(io.stdout())?.[1];
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  io.signal('SIGTERM');
  assert.equal(await running, 0);
  assert.equal(part.closed(), 1);
});

test('init writes a project once and never overwrites', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'plumb-init-'));
  const io = fakeIo(parent);
  assert.equal(await runCli(['init', 'my project'], fakeApp(), io), 0);
  assert.match(io.stdout(), /plumb\.yaml[\s\S]*cd 'my project'[\s\S]*plumb apply/);
  assert.match(await readFile(join(parent, 'my project/plumb.yaml'), 'utf8'), /^project: my-project$/m);
  const again = fakeIo(parent);
  assert.equal(await runCli(['init', 'my project'], fakeApp(), again), 2);
  assert.match(again.stderr(), /already has plumb\.yaml, .*nothing was written/);
});

test('a log level that is none is refused', async () => {
  const { code, err } = await run(['list'], {}, { PLUMB_LOG_LEVEL: 'loud' });
  assert.equal(code, 2);
  assert.match(err, /PLUMB_LOG_LEVEL: found "loud", expected one of trace, debug/);
});
