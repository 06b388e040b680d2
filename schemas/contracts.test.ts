import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { definitionFileSchema } from './definitions.ts';
import { overlayEnvironment, projectVariables } from './environment.ts';
import { jsonSchemaFiles } from './json-schemas.ts';
import { parseSizeBytes, projectSchema } from './project.ts';
import { errorBodySchema, onlineFeaturesRequestSchema } from './wire.ts';

test('the checked-in JSON Schemas are fresh: node scripts/generate-schemas.ts', () => {
  const folder = join(import.meta.dirname, 'json');
  const present = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
  assert.deepEqual(new Map(present), new Map([...jsonSchemaFiles()].toSorted()));
});

test('every property of the definitions and of the project file has a description for editors', () => {
  const bare = (schema: unknown, path: string): string[] => {
    if (typeof schema !== 'object' || schema === null) return [];
    const properties: object = Reflect.get(schema, 'properties') ?? {};
    const inner = Object.entries(properties).flatMap(([key, value]: [string, object]) => [
      ...('description' in value || 'const' in value || value.constructor !== Object ? [] : [`${path}.${key}`]),
      ...bare(value, `${path}.${key}`),
    ]);
    const branches = ['items', 'anyOf', 'oneOf'].flatMap((key) => Reflect.get(schema, key) ?? []);
    return [...inner, ...branches.flatMap((branch: unknown) => bare(branch, path))];
  };
  for (const name of ['definitions.schema.json', 'project.schema.json']) {
    const schema: unknown = JSON.parse(jsonSchemaFiles().get(name) ?? '');
    assert.deepEqual(bare(schema, ''), [], name);
  }
});

test('types are normalised', () => {
  const source = { name: 's', kind: 'batch', path: 'p', format: 'csv', timestampColumn: 't' };
  const parsed = definitionFileSchema.parse({
    sources: [{ ...source, columns: { t: ' timestamp', v: 'vector< float32, 8 >', l: 'list <int64>' } }],
  });
  assert.deepEqual(parsed.sources?.[0]?.columns, { t: 'timestamp', v: 'vector<float32,8>', l: 'list<int64>' });
});

test('sizes', () => {
  const cases = {
    '1': null,
    '512MB': 512_000_000,
    '4 GiB': 4 * 2 ** 30,
    '1.5kb': 1500,
    '0B': null,
    GB: null,
    '-1MB': null,
  };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseSizeBytes(text), bytes, text);
  assert.equal(parseSizeBytes(1000), 1000);
  assert.equal(parseSizeBytes(0.5), null);
});

test('a project file needs only a name', () => {
  assert.deepEqual(projectSchema.parse({ project: 'demo' }), {
    project: 'demo',
    definitions: 'features',
    storage: '.plumb',
    online: { kind: 'lmdb', maxEntryBytes: 2 ** 20 },
    engine: { kind: 'duckdb' },
    log: { kind: 'embedded', retention: { maxAge: '7d' } },
    leaseTermMillis: 30_000,
    s3: { cacheBytes: 10 * 2 ** 30, maxConnections: 32, retryForMillis: 30_000, requestTimeoutMillis: 30_000 },
    server: {
      host: '127.0.0.1',
      port: 6567,
      auth: 'none',
      insecure: false,
      staleKeysMillis: 3_600_000,
      workers: 1,
      duties: ['lookup', 'stream', 'jobs'],
      limits: {
        entitiesPerRequest: 10_000,
        eventsPerRequest: 10_000,
        bodyBytes: 16 * 2 ** 20,
        labelRows: 100_000,
        labelBytes: 2 ** 30,
        labelColumns: 1000,
        labelDepth: 8,
        uploadedLabelRows: 100_000_000,
        labelDecompressedBytes: 2 ** 30,
        queuedJobs: 100,
      },
      labelRoots: [],
      corsOrigins: [],
      concurrentJobs: 1,
      jobs: { timeoutMillis: 21_600_000, silenceMillis: 120_000 },
      drainDelayMillis: 0,
      drainTimeoutMillis: 20_000,
    },
    schedules: [],
    notify: {},
    retention: {
      grace: '1d',
      snapshots: { keep: 7, maxAge: '30d' },
      datasets: {},
      jobs: { maxAge: '30d' },
      audit: { maxAge: '365d' },
    },
  });
});

test('every key has one variable', () => {
  const names = [...projectVariables().keys()];
  for (const name of [
    'PLUMB_PROJECT',
    'PLUMB_SERVER_PORT',
    'PLUMB_ENGINE_MEMORYLIMIT',
    'PLUMB_SERVER_LIMITS_BODYBYTES',
  ]) {
    assert.ok(names.includes(name), name);
  }
});

test('variables win over the file; a changed kind drops the section of the file', () => {
  const file = { project: 'a', online: { kind: 'lmdb', path: 'x' }, engine: { kind: 'duckdb', threads: 2 } };
  const { project, setBy } = overlayEnvironment(file, {
    plumb_server_port: '7000',
    PLUMB_ONLINE_URL: 'redis://h',
    PLUMB_ONLINE_KIND: 'redis',
    PLUMB_LOG_KIND: 'kafka',
    PLUMB_LOG_BROKERS: '["a:1", "b:2"]',
    PLUMB_ENGINE_THREADS: '',
    PLUMB_STORAGE: '123',
    PLUMB_SERVICE_HOST: '10.0.0.1',
    PLUMB_SERVER_LIMITS_ENTITIESPERREQUEST: 'many',
  });
  assert.deepEqual(project, {
    project: 'a',
    online: { kind: 'redis', url: 'redis://h' },
    engine: { kind: 'duckdb', threads: 2 },
    log: { kind: 'kafka', brokers: ['a:1', 'b:2'] },
    storage: '123',
    server: { port: 7000, limits: { entitiesPerRequest: 'many' } },
  });
  assert.equal(setBy.get('server.port'), 'plumb_server_port');
});

test('a lookup names a service or features, not both', () => {
  const entities = [{ user_id: 1 }];
  assert.ok(onlineFeaturesRequestSchema.safeParse({ service: 's', entities }).success);
  assert.ok(!onlineFeaturesRequestSchema.safeParse({ service: 's', entities, extra: 1 }).success);
  assert.ok(
    onlineFeaturesRequestSchema.safeParse({ features: ['v:f'], entities: [], at: '2026-01-08T00:00:00Z' }).success,
  );
  assert.ok(!onlineFeaturesRequestSchema.safeParse({ service: 's', features: ['v:f'], entities }).success);
  assert.ok(!onlineFeaturesRequestSchema.safeParse({ entities }).success);
  assert.ok(!onlineFeaturesRequestSchema.safeParse({ service: 's', entities: [[1]] }).success);
});

test('an error body carries a code of the one table', () => {
  assert.ok(errorBodySchema.safeParse({ error: { code: 'CONFLICT', message: 'm', details: {} } }).success);
  assert.ok(!errorBodySchema.safeParse({ error: { code: 'ODD', message: 'm', details: {} } }).success);
});
