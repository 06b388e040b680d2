import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ErrorCode, PlumbError } from '../../schemas/errors.ts';
import { grantAll } from '../../test/support/fake-leases.ts';
import { fakeCompiler, fakeInspector, memoryVersions } from '../../test/support/fake-ports.ts';
import { decode } from '../catalog/catalog-json.ts';
import { sha256 } from '../catalog/fingerprint.ts';
import { changeLines } from './diff.ts';
import { createRegistry, type Registry } from './registry.ts';
import type { VersionStore } from './version-document.ts';

const FILES = { p: { k: 'int64', ts: 'timestamp', a: 'int32' }, q: { k: 'int64', ts: 'timestamp', a: 'int32' } };

const definitions = (features: string, path = 'p') => `
entities: [{ name: e, joinKeys: [{ name: k, type: int64 }], tags: { $odd: 'x' } }]
sources: [{ name: s, kind: batch, path: ${path}, format: parquet, timestampColumn: ts }]
featureViews:
  - { name: v, kind: aggregate, entities: [e], source: s, features: [${features}] }
  - { name: r, kind: row, entities: [e], source: s, features: [{ name: a, type: int64, default: 9223372036854775807 }] }
featureServices: [{ name: f, features: ['v:*'] }]
`;
const N = '{ name: n, aggregate: count, window: 1d }';

interface Project {
  readonly registry: Registry;
  readonly versions: ReturnType<typeof memoryVersions>;
  write(text: string): void;
  another(store?: VersionStore): Registry;
}

async function withProject(work: (project: Project) => Promise<void>): Promise<void> {
  const projectFolder = mkdtempSync(join(tmpdir(), 'plumb-registry-'));
  const folder = join(projectFolder, 'features');
  mkdirSync(folder);
  const versions = memoryVersions();
  const ports = { project: 'demo', inspector: fakeInspector(FILES), compiler: fakeCompiler };
  const another = (store: VersionStore = versions) =>
    createRegistry({ ...ports, definitions: folder, projectFolder, store, leases: grantAll });
  const write = (text: string) => writeFileSync(join(folder, 'all.yaml'), text);
  try {
    await work({ registry: another(), versions, write, another });
  } finally {
    rmSync(projectFolder, { recursive: true });
  }
}

const code = (expected: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PlumbError);
  assert.equal(error.code, expected);
  assert.match(error.message, message);
  return true;
};

test('a project that was never applied is told what to do', async () => {
  await withProject(async ({ registry }) => {
    await assert.rejects(
      registry.current(),
      code('NOT_APPLIED', /^project demo has no registered version yet: run `plumb apply`$/),
    );
    await assert.rejects(registry.version(1), code('UNKNOWN_NAME', /there is no registered version 1/));
  });
});

test('apply registers; a version reads back as it was, without sources and files', async () => {
  await withProject(async ({ registry, versions, write, another }) => {
    write(definitions(N));
    const report = await registry.apply();
    assert.deepEqual([report.outcome, report.version], ['registered', 1]);
    assert.deepEqual(
      report.changes.map(({ kind, name, change }) => `${change} ${kind} ${name}`),
      ['added entity e', 'added source s', 'added feature view r', 'added feature view v', 'added feature service f'],
    );
    assert.deepEqual([...versions.objects.keys()], ['registry/00000001.json']);
    write('no: longer valid');
    const read = await another().current();
    assert.deepEqual(read, report.catalog);
    const view = read.views.get('r');
    assert.ok(view?.kind === 'row' && view.features[0]?.default === 9223372036854775807n);
  });
});

test('an apply without changes registers nothing, a dry run neither', async () => {
  await withProject(async ({ registry, versions, write }) => {
    write(definitions(N));
    const dry = await registry.apply({ dryRun: true });
    assert.deepEqual([dry.outcome, dry.version, dry.changes.length, versions.objects.size], ['dry_run', 0, 5, 0]);
    await registry.apply();
    write(`# only a comment\n${definitions(N)}`);
    const same = await registry.apply();
    assert.deepEqual([same.outcome, same.version, same.changes.length, versions.objects.size], ['unchanged', 1, 0, 1]);
  });
});

test('the diff names paths, values and what is rebuilt', async () => {
  await withProject(async ({ registry, write }) => {
    write(definitions(`${N}, { name: m, aggregate: max, column: a, window: 1d }`));
    await registry.apply();
    write(
      definitions(
        '{ name: m, aggregate: max, column: a, window: 1d, description: d }, { name: n, aggregate: count, window: 2d }',
        'q',
      ).replace('name: f,', 'name: g,'),
    );
    const { changes, version } = await registry.apply();
    assert.equal(version, 2);
    assert.deepEqual(
      changes.map((change) => [`${change.change} ${change.kind} ${change.name}`, ...changeLines(change)]),
      [
        ['changed source s', 'path: "p" → "q"'],
        [
          'changed feature view r',
          'what it reads changed (its source or entities)',
          'its values change: the next materialize rebuilds it, and serves the former ones until then',
        ],
        [
          'changed feature view v',
          'features[n].window: "1d" → "2d"',
          'features[m].description: nothing → "d"',
          'features (order): ["n","m"] → ["m","n"]',
          'its values change: the next materialize rebuilds it, and serves the former ones until then',
        ],
        ['removed feature service f'],
        ['added feature service g'],
      ],
    );
  });
});

test('a service gets its next version with its members, their order, their keys or their meaning, and with nothing else', async () => {
  await withProject(async ({ registry, write }) => {
    const m = '{ name: m, aggregate: max, column: a, window: 1d }';
    const step = async (text: string): Promise<string> => {
      write(text);
      const { catalog } = await registry.apply();
      return [...(catalog.serviceVersions ?? [])]
        .map(([name, { version, since }]) => `${name}@${version} since ${since}`)
        .join();
    };
    const both = definitions(`${N}, ${m}`).replace("'v:*'", "'v:n', 'v:m'");
    assert.equal(await step(both), 'f@1 since 1');
    assert.equal(await step(both.replace('name: v,', 'name: v, description: d,')), 'f@1 since 1');
    const more = both.replace(m, `${m}, { name: o, aggregate: min, column: a, window: 2d }`);
    assert.equal(await step(more), 'f@1 since 1', 'a feature that the service does not read');
    assert.equal(await step(more.replace("'v:n', 'v:m'", "'v:m', 'v:n'")), 'f@2 since 4', 'order');
    assert.equal(await step(more), 'f@3 since 5');
    assert.equal(await step(more.replace('column: a, window: 1d', 'column: a, window: 1d, default: 0')), 'f@4 since 6');
    assert.equal(await step(more.replace('path: p', 'path: q')), 'f@5 since 7', 'the source');
    assert.equal(
      await step(more.replace("'v:n', 'v:m'", '{ view: v, features: [n, m], joinKeys: { k: l } }')),
      'f@6 since 8',
      'join keys',
    );
    const gone = more.replace('name: f,', 'name: g,');
    assert.equal(await step(gone), 'f@6 since 8,g@1 since 9');
    assert.equal(await step(more), 'f@7 since 10,g@1 since 9', 'numbers are not given again');
  });
});

test('versions of before services had versions still read, and the next apply numbers them', async () => {
  await withProject(async ({ registry, versions, write, another }) => {
    write(definitions(N));
    await registry.apply();
    const key = 'registry/00000001.json';
    const document = JSON.parse(new TextDecoder().decode(versions.objects.get(key)));
    const catalog = JSON.parse(JSON.stringify(document.catalog).replace(/,"meaning":"[0-9a-f]{16}"/g, ''));
    delete catalog.serviceVersions;
    const old = { ...document, catalog, sha256: sha256(decode(catalog)) };
    versions.objects.set(key, new TextEncoder().encode(JSON.stringify(old)));
    const later = another();
    assert.equal((await later.current()).serviceVersions, undefined);
    const { outcome, changes, catalog: numbered } = await later.apply();
    assert.equal(outcome, 'registered');
    assert.deepEqual(changes.flatMap(changeLines), ['version: nothing → 1']);
    assert.deepEqual(
      [...(numbered.serviceVersions ?? [])].map(([name, { version, since }]) => [name, version, since]),
      [['f', 1, 2]],
    );
    assert.equal((await later.apply()).outcome, 'unchanged');
  });
});

test('a description changes a version, not the values', async () => {
  await withProject(async ({ registry, write }) => {
    write(definitions(N));
    await registry.apply();
    write(definitions(N).replace('name: v,', 'name: v, description: d,'));
    const { changes } = await registry.apply();
    assert.deepEqual(
      changes.map(({ name, isRebuilt, paths }) => [name, isRebuilt, paths]),
      [['v', false, [{ path: 'description', before: null, after: 'd' }]]],
    );
  });
});

/** Lets nobody put before `count` callers want to. */
function meetingBeforePut(versions: VersionStore, count: number): VersionStore {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  const putIfAbsent: VersionStore['putIfAbsent'] = async (key, content) => {
    waiting += 1;
    if (waiting === count) resolve();
    await promise;
    return versions.putIfAbsent(key, content);
  };
  return { ...versions, putIfAbsent };
}

test('of two concurrent applies one wins, the other is told to retry', async () => {
  await withProject(async ({ versions, write, another }) => {
    write(definitions(N));
    const store = meetingBeforePut(versions, 2);
    const results = await Promise.allSettled([another(store).apply(), another(store).apply()]);
    const lost = results.filter((result) => result.status === 'rejected');
    assert.equal(lost.length, 1);
    assert.ok(code('CONFLICT', /registered version 1 meanwhile: run `plumb apply` again/)(lost[0]?.reason));
    assert.equal(versions.objects.size, 1);
    assert.equal((await another().apply()).outcome, 'unchanged');
  });
});

test('mistakes register nothing', async () => {
  await withProject(async ({ registry, versions, write }) => {
    write(definitions('{ name: n, aggregate: cnt, window: 1d }'));
    await assert.rejects(
      registry.apply(),
      code(
        'INVALID_DEFINITION',
        /^1 mistake in the definitions\n\nfeatures\/all.yaml:5:81 featureViews\[0\]\.features\[0\]\.aggregate/,
      ),
    );
    assert.equal(versions.objects.size, 0);
  });
});

test('a version document that is damaged is STORAGE_CORRUPT, never read', async () => {
  await withProject(async ({ registry, versions, write, another }) => {
    write(definitions(N));
    await registry.apply();
    const key = 'registry/00000001.json';
    const sound = new TextDecoder().decode(versions.objects.get(key));
    const damage: readonly [string, RegExp][] = [
      ['', /is not JSON/],
      [sound.slice(0, 500), /is not JSON/],
      ['[]', /is not an object/],
      [sound.replace('"path": "p"', '"path": "q"'), /does not match its checksum/],
      [sound.replace('"format": 1', '"format": 2'), /has format 2, expected 1: was it written by a newer Plumb\?/],
      [sound.replace('"version": 1', '"version": 2'), /says that it is version 2/],
      [sound.replace('"$int"', '"$what"'), /unreadable \$what/],
    ];
    for (const [text, message] of damage) {
      versions.objects.set(key, new TextEncoder().encode(text));
      await assert.rejects(another().current(), code('STORAGE_CORRUPT', message));
    }
  });
});
