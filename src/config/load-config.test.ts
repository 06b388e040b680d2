import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { loadConfig } from './load-config.ts';

async function load(text: string, env: Readonly<Record<string, string>> = {}, name = 'plumb.yaml') {
  const cwd = await mkdtemp(join(tmpdir(), 'plumb-config-'));
  await writeFile(join(cwd, name), text);
  const config = await loadConfig({ configPath: name === 'plumb.yaml' ? null : name, env, cwd });
  return { cwd, config };
}

interface Issue {
  readonly file: string;
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  readonly nearest: string | null;
}

async function issuesOf(text: string, env: Readonly<Record<string, string>> = {}): Promise<readonly Issue[]> {
  const error = await load(text, env).then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PlumbError && error.code === 'INVALID_CONFIG');
  return error.details.issues as readonly Issue[];
}

const DAY = 86_400_000_000n;

test('defaults, with every path absolute', async () => {
  const { cwd, config } = await load('project: demo\n');
  assert.deepEqual(config, {
    project: 'demo',
    file: join(cwd, 'plumb.yaml'),
    folder: cwd,
    definitions: join(cwd, 'features'),
    storage: join(cwd, '.plumb'),
    s3: {
      endpoint: null,
      region: null,
      forcePathStyle: false,
      cacheFolder: join(cwd, '.plumb/tmp/s3'),
      cacheBytes: 10 * 2 ** 30,
      maxConnections: 32,
      retryForMillis: 30_000,
      requestTimeoutMillis: 30_000,
    },
    online: { kind: 'lmdb', path: join(cwd, '.plumb/online'), maxEntryBytes: 2 ** 20 },
    engine: { kind: 'duckdb', memoryLimitBytes: null, threads: null, tempFolder: null },
    log: {
      ...{ kind: 'embedded', path: join(cwd, '.plumb/log') },
      retention: { maxAgeMicros: 7n * DAY, maxBytes: null },
    },
    leaseTermMillis: 30_000,
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
    notify: { url: null },
    retention: {
      graceMicros: DAY,
      snapshots: { keep: 7, maxAgeMicros: 30n * DAY },
      datasets: { keep: null, maxAgeMicros: null },
      jobs: { maxAgeMicros: 30n * DAY },
      audit: { maxAgeMicros: 365n * DAY },
    },
  });
});

test('retention is counted in microseconds, and its keys are variables too', async () => {
  const env = { PLUMB_RETENTION_DATASETS_KEEP: '3', PLUMB_RETENTION_GRACE: '90s' };
  const { config } = await load('project: p\nretention: { snapshots: { keep: 1 }, datasets: { maxAge: 8d } }\n', env);
  assert.deepEqual(config.retention, {
    graceMicros: 90_000_000n,
    snapshots: { keep: 1, maxAgeMicros: 30n * DAY },
    datasets: { keep: 3, maxAgeMicros: 8n * DAY },
    jobs: { maxAgeMicros: 30n * DAY },
    audit: { maxAgeMicros: 365n * DAY },
  });
  const issues = await issuesOf('project: p\nretention: { grace: 0d, snapshots: { keep: 0, maxAge: 100000d } }\n');
  assert.deepEqual(issues.map(({ path }) => path).toSorted(), [
    'retention.grace',
    'retention.snapshots.keep',
    'retention.snapshots.maxAge',
  ]);
});

test('the log keeps events by age and size', async () => {
  const env = { PLUMB_LOG_RETENTION_MAXAGE: '12h' };
  const { config } = await load('project: p\nlog: { path: events, retention: { maxBytes: 10GB } }\n', env);
  assert.deepEqual(config.log.kind === 'embedded' && config.log.retention, {
    maxAgeMicros: DAY / 2n,
    maxBytes: 10_000_000_000,
  });
  const issues = await issuesOf('project: p\nlog: { retention: { maxAge: 0d, maxBytes: 0 } }\n');
  assert.deepEqual(issues.map(({ path }) => path).toSorted(), ['log.retention.maxAge', 'log.retention.maxBytes']);
});

test('label roots are relative to the project file', async () => {
  const { cwd, config } = await load('project: p\nserver: { labelRoots: [labels, /data] }\n');
  assert.deepEqual(config.server.labelRoots, [join(cwd, 'labels'), '/data']);
});

test('JSON is YAML, and another file may be named', async () => {
  const { cwd, config } = await load('{"project":"p","storage":"s","online":{"kind":"memory"}}', {}, 'other.json');
  assert.deepEqual([config.storage, config.online], [join(cwd, 's'), { kind: 'memory', maxEntryBytes: 2 ** 20 }]);
});

test('a remote storage keeps what must be local beside the project file', async () => {
  const { cwd, config } = await load('project: p\nstorage: s3://bucket/prefix\n');
  assert.deepEqual(
    [config.storage, config.online],
    ['s3://bucket/prefix', { kind: 'lmdb', path: join(cwd, '.plumb/online'), maxEntryBytes: 2 ** 20 }],
  );
});

test('a storage in S3 with a service of its own', async () => {
  const { cwd, config } = await load('project: p\nstorage: s3://bucket/a/b/\ns3: { cacheFolder: cache }\n', {
    PLUMB_S3_ENDPOINT: 'http://127.0.0.1:9000',
    PLUMB_S3_CACHEBYTES: '2GiB',
  });
  const { endpoint, forcePathStyle, cacheFolder, cacheBytes } = config.s3;
  assert.deepEqual([config.storage, endpoint], ['s3://bucket/a/b/', 'http://127.0.0.1:9000']);
  assert.deepEqual([forcePathStyle, cacheFolder, cacheBytes], [true, join(cwd, 'cache'), 2 ** 31]);
  const { config: virtualHosts } = await load('project: p\ns3: { endpoint: https://s3.example.com }\n', {
    PLUMB_S3_FORCEPATHSTYLE: 'false',
  });
  assert.equal(virtualHosts.s3.forcePathStyle, false);
});

test('an address that is none of a bucket is a mistake', async () => {
  for (const storage of ['s3://', 's3:///x', 's3://B_ucket/x', 's3://bucket//x', 's3://bucket/../x', 'gs://bucket/x']) {
    const [issue] = await issuesOf(`project: p\nstorage: ${storage}\n`);
    assert.deepEqual([issue?.path, issue?.expected], ['storage', 'a folder, or s3://bucket/prefix'], storage);
  }
  const [endpoint] = await issuesOf('project: p\ns3: { endpoint: localhost:9000 }\n');
  assert.equal(endpoint?.expected, 'an address such as https://s3.example.com');
});

test('variables win over the file', async () => {
  const env = {
    PLUMB_SERVER_PORT: '7000',
    PLUMB_ONLINE_KIND: 'redis',
    PLUMB_ONLINE_URL: 'redis://h:1',
    PLUMB_ENGINE_MEMORYLIMIT: '1GiB',
  };
  const { config } = await load('project: p\nserver: { port: 1 }\nonline: { kind: lmdb, path: x }\n', env);
  assert.equal(config.server.port, 7000);
  assert.deepEqual(config.online, {
    kind: 'redis',
    maxEntryBytes: 2 ** 20,
    url: 'redis://h:1',
    connectTimeoutMillis: 5000,
    commandTimeoutMillis: 2000,
    maxPendingCommands: 50_000,
    breaker: { failures: 5, openMillis: 1000 },
  });
  assert.equal(config.engine.kind === 'duckdb' && config.engine.memoryLimitBytes, 2 ** 30);
});

test('all mistakes at once, each with its path and the nearest valid key', async () => {
  const issues = await issuesOf('projct: p\nserver: { porte: 1, port: 70000 }\nonline: { kind: mongo }\n');
  const short = issues.map(({ path, found, nearest }) => [path, found, nearest]);
  assert.deepEqual(short.toSorted(), [
    ['online.kind', '"mongo"', null],
    ['projct', 'the unknown key "projct"', 'project'],
    ['project', 'nothing', null],
    ['server.port', '70000', null],
    ['server.porte', 'the unknown key "porte"', 'port'],
  ]);
  assert.match(issues.find(({ path }) => path === 'online.kind')?.expected ?? '', /lmdb.*memory.*redis/);
});

test('a mistake in a variable names the variable', async () => {
  const issues = await issuesOf('project: p\n', { PLUMB_SERVER_PORT: 'http' });
  const mistake = { found: '"http"', expected: 'a port from 0 to 65535', nearest: null };
  assert.deepEqual(issues, [{ file: 'environment', path: 'PLUMB_SERVER_PORT', ...mistake }]);
});

test('malformed YAML is reported with line and column', async () => {
  const [issue] = await issuesOf('project: demo\nserver: { port: 1\n');
  assert.match(issue?.found ?? '', /at line \d+, column \d+/);
  assert.equal((await issuesOf('project: a\nproject: b\n')).length, 1);
});

test('an empty file and one that is no object are refused', async () => {
  assert.deepEqual(
    (await issuesOf('')).map(({ path }) => path),
    ['project'],
  );
  assert.deepEqual(
    (await issuesOf('- a\n')).map(({ found }) => found),
    ['["a"]'],
  );
});

test('a folder in place of the file is no internal error', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'plumb-config-'));
  await assert.rejects(loadConfig({ configPath: '.', env: {}, cwd }), /cannot read the project file .*: EISDIR/);
});

test('a Cluster or Sentinels by variables; the files of TLS lie beside the project file', async () => {
  const env = {
    PLUMB_ONLINE_KIND: 'redis',
    PLUMB_ONLINE_URLS: '["rediss://a:1","rediss://b:2"]',
    PLUMB_ONLINE_SENTINEL_MASTER: 'mymaster',
    PLUMB_ONLINE_SENTINEL_PASSWORD: '12345',
    PLUMB_ONLINE_TLS_CAFILE: 'certs/ca.pem',
    PLUMB_ONLINE_WAITREPLICAS: '2',
    PLUMB_ONLINE_BREAKER_FAILURES: '9',
  };
  const { cwd, config } = await load('project: p\n', env);
  assert.deepEqual(config.online, {
    kind: 'redis',
    maxEntryBytes: 2 ** 20,
    urls: ['rediss://a:1', 'rediss://b:2'],
    sentinel: { master: 'mymaster', password: '12345' },
    tls: { caFile: join(cwd, 'certs/ca.pem') },
    waitReplicas: 2,
    connectTimeoutMillis: 5000,
    commandTimeoutMillis: 2000,
    maxPendingCommands: 50_000,
    breaker: { failures: 9, openMillis: 1000 },
  });
});

test('Redis is named by url or by urls, Sentinels by urls; no password is shown', async () => {
  const refused = [
    ['{ kind: redis }', 'nothing', 'either url or urls, not both'],
    [
      '{ kind: redis, url: "redis://u:s3cret@h:1", urls: ["redis://u:s3cret@h:1"] }',
      '"redis://***@h:1"',
      'either url or urls, not both',
    ],
    [
      '{ kind: redis, url: "redis://h:1", sentinel: { master: m, password: s3cret } }',
      '"redis://h:1"',
      'urls with the addresses of the Sentinels, in place of url',
    ],
  ] as const;
  for (const [online, found, expected] of refused) {
    const [issue, ...more] = await issuesOf(`project: p\nonline: ${online}\n`);
    assert.deepEqual([issue?.path, issue?.found, issue?.expected, more], ['online.url', found, expected, []]);
  }
  const wrong =
    'project: p\nonline: { kind: redis, urls: ["http://u:s3cret@h"], sentinel: { master: m, password: 998877 } }\n';
  const issues = await issuesOf(wrong);
  assert.deepEqual(
    issues.map(({ path }) => path),
    ['online.urls[0]', 'online.sentinel.password'],
  );
  assert.doesNotMatch(JSON.stringify(issues), /s3cret|998877/);
  const [half] = await issuesOf('project: p\nonline: { kind: redis, url: "rediss://h", tls: { certFile: c } }\n');
  assert.deepEqual([half?.path, half?.expected], ['online.tls', 'both certFile and keyFile, or neither']);
});
