// The arrows of the architecture, as docs and CONTRIBUTING.md describe them. `npm run check` enforces them, for type
// imports too: who names another part's types knows that part.

/** Tests, benches and examples wire things together as src/main.ts does. */
const COMPOSERS = '^(src/main\\.ts$|src/(compose|in-process)/|test/|bench/|examples/)|\\.test\\.ts$';
const TESTS = '^test/|\\.test\\.ts$';

/** What each part of src/ may import beside itself, schemas/ and the floor (the files directly in src/). */
const LAYERS = {
  config: [],
  telemetry: [],
  storage: [],
  access: ['storage'],
  catalog: [],
  aggregate: ['catalog'],
  definitions: ['catalog', 'aggregate'],
  registry: ['storage', 'catalog', 'definitions'],
  plan: ['catalog', 'aggregate'],
  sql: ['catalog', 'aggregate', 'plan'],
  offline: ['storage', 'catalog', 'aggregate', 'definitions', 'plan', 'sql'],
  online: ['catalog', 'aggregate'],
  ingest: ['storage', 'catalog', 'aggregate', 'online'],
  materialize: ['telemetry', 'storage', 'catalog', 'aggregate', 'plan', 'offline', 'online', 'ingest'],
  audit: ['storage', 'catalog', 'aggregate', 'plan', 'offline', 'online', 'materialize'],
  erasure: ['storage', 'catalog', 'offline', 'online', 'materialize'],
  jobs: [
    'telemetry',
    'storage',
    'catalog',
    'aggregate',
    'plan',
    'offline',
    'online',
    'materialize',
    'audit',
    'erasure',
  ],
  schedule: ['config', 'telemetry', 'storage', 'catalog', 'online', 'ingest', 'materialize', 'jobs'],
  workers: ['config', 'telemetry', 'jobs'],
  retention: [
    'ingest',
    'access',
    'storage',
    'catalog',
    'registry',
    'aggregate',
    'plan',
    'offline',
    'online',
    'materialize',
    'jobs',
  ],
  backup: ['storage', 'catalog', 'registry', 'offline', 'online', 'materialize', 'erasure'],
  http: [
    ...[
      'access',
      'config',
      'telemetry',
      'registry',
      'storage',
      'catalog',
      'aggregate',
      'plan',
      'offline',
      'online',
      'ingest',
      'materialize',
    ],
    ...['audit', 'erasure', 'jobs', 'schedule', 'retention'],
  ],
  cli: [
    ...[
      'access',
      'config',
      'telemetry',
      'storage',
      'catalog',
      'aggregate',
      'definitions',
      'registry',
      'plan',
      'offline',
      'online',
    ],
    ...['ingest', 'materialize', 'audit', 'erasure', 'jobs', 'schedule', 'retention', 'backup', 'workers', 'http'],
  ],
  testing: ['storage', 'catalog', 'aggregate', 'definitions', 'plan', 'sql', 'offline', 'online', 'materialize'],
};

/** Concrete adapters: a folder, or files with that prefix. */
const ADAPTERS =
  '^src/(storage/(file|s3)|offline/(duckdb|spark)|online/(redis|lmdb|memory)|ingest/(embedded|kafka|postgres)|telemetry/(prometheus|otel))(/|-)';

/** Packages that only one place may know. */
const OWNED_PACKAGES = {
  '@duckdb/': '^src/offline/duckdb/',
  'lmdb/': '^src/(online/lmdb|ingest/embedded)/',
  'ioredis/': '^src/online/redis/',
  '@aws-sdk/': '^src/storage/s3/',
  '@platformatic/kafka': '^src/ingest/kafka/',
  '(hono|@hono)/': '^src/(http/|main\\.ts$)',
  'apache-arrow/': '^(src/(offline|online)/arrow/|sdk/)',
  'prom-client/': '^src/telemetry/prometheus/',
  '(commander|cli-progress|cli-table3)/': '^src/(cli/|main\\.ts$)',
  'croner/': '^src/cron\\.ts$',
  'yaml/': '^src/(definitions|config)/',
};

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', 'Cut the cycle: move what both need below them.', {}, { circular: true }),
    forbid('resolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    forbid(
      'declared-packages',
      'Declare the package in package.json.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    forbid(
      'runtime-packages',
      'What users run may not need a devDependency.',
      { path: '^(src|schemas|sdk|bin)/', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    ),

    forbid(
      'schemas-import-zod-only',
      'schemas/ is the contract: beside itself it imports zod, nothing else.',
      { path: '^schemas/', pathNot: '\\.test\\.ts$' },
      { pathNot: ['^schemas/', '^node_modules/zod/'] },
    ),
    forbid(
      'sdk-files-without-imports',
      'The SDK takes these files: they import nothing from outside schemas/.',
      { path: '^schemas/(types|errors|wire-types|wire-types/[^/]+|float32|instant-text)\\.ts$' },
      { pathNot: '^schemas/' },
    ),
    forbid(
      'sdk-files-without-zod',
      'The SDK takes these files: nothing they import may reach zod.',
      {
        path: '^(schemas/(types|errors|wire-types|wire-types/[^/]+|float32|instant-text)\\.ts$|sdk/)',
        pathNot: '\\.test\\.ts$',
      },
      { path: '^node_modules/zod/', reachable: true },
    ),
    forbid(
      'sdk-is-a-client',
      'The SDK knows the wire, not the server.',
      { path: '^sdk/', pathNot: TESTS },
      { path: '^src/' },
    ),

    ...Object.entries(LAYERS).map(([layer, below]) => {
      const notBelow = Object.keys(LAYERS).filter((other) => other !== layer && !below.includes(other));
      return forbid(
        `layer-${layer}`,
        `src/${layer}/ may import of the other layers: ${below.join(', ') || 'none'}.`,
        { path: `^src/${layer}/`, pathNot: TESTS },
        { path: `^src/(${notBelow.join('|')})/` },
      );
    }),
    forbid(
      'floor',
      'A file directly in src/ is for everyone: it imports schemas/ and its like only.',
      { path: '^src/[^/]+\\.ts$', pathNot: ['^src/main\\.ts$', TESTS] },
      { path: '^src/[^/]+/' },
    ),
    forbid(
      'main-on-top',
      'src/main.ts wires; only bin/ starts it.',
      { pathNot: ['^bin/', TESTS] },
      { path: '^src/main\\.ts$' },
    ),

    forbid(
      'adapters-named-by-main',
      'Take the port. Only src/main.ts, tests and the adapter itself name an adapter.',
      { pathNot: [ADAPTERS, COMPOSERS, '^src/testing/'] },
      { path: ADAPTERS },
    ),
    forbid(
      'adapters-apart',
      'An adapter does not know another one.',
      {
        path: '^src/(storage|offline|online|ingest)/(duckdb|spark|file|s3|redis|lmdb|memory|embedded|kafka|postgres)(/|-)',
        pathNot: TESTS,
      },
      { path: ADAPTERS, pathNot: '^src/$1/$2(/|-)' },
    ),
    forbid(
      'feature-tests-in-memory',
      'The helper for feature tests composes DuckDB and memory, nothing that needs a disk or a server.',
      { path: '^src/testing/', pathNot: TESTS },
      { path: ADAPTERS, pathNot: '^src/(offline/duckdb|online/memory)(/|-)' },
    ),
    forbid(
      'sql-of-an-engine-named-by-that-engine',
      'What is common to engines stands directly in src/sql/ and knows none of them; an engine takes it, and no other engine.',
      { path: '^src/', pathNot: ['^src/(sql|offline)/(duckdb|spark)(/|-)', TESTS] },
      { path: '^src/sql/(duckdb|spark)(/|-)' },
    ),
    forbid(
      'sql-of-engines-apart',
      'An engine writes its own SQL: what two need is common, and stands directly in src/sql/.',
      { path: '^src/(sql|offline)/(duckdb|spark)(/|-)', pathNot: TESTS },
      { path: '^src/sql/(duckdb|spark)(/|-)', pathNot: '^src/sql/$2(/|-)' },
    ),
    ...Object.entries(OWNED_PACKAGES).map(([name, owner]) =>
      forbid(
        `package-${name.replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '')}`,
        `Only ${owner} knows this package.`,
        { path: '^(src|schemas|sdk)/', pathNot: [owner, TESTS] },
        { path: `^node_modules/${name}` },
      ),
    ),

    forbid(
      'arrow-answers-load-when-asked',
      'apache-arrow is large: src/online/arrow/ is loaded by `await import`, when an answer in Arrow is first asked for.',
      { path: '^(src|bin)/', pathNot: ['^src/online/arrow/', TESTS] },
      { path: '^src/online/arrow/', dynamic: false },
    ),
    forbid('nothing-imports-tests', 'What runs may not need test/.', { pathNot: [TESTS, '^bench/'] }, { path: TESTS }),
    forbid(
      'benches-start-servers-as-tests-do',
      'A bench may start the servers and use the fakes of tests, and needs nothing else of test/.',
      { path: '^bench/' },
      { path: TESTS, pathNot: '^test/(servers|support)/' },
    ),
    forbid(
      'nothing-imports-surroundings',
      'Benches, examples and scripts stand outside: nothing imports them.',
      { pathNot: ['^(bench|examples|scripts)/', TESTS] },
      { path: '^(bench|examples|scripts)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(test/conformance/|schemas/json/|dist/|sdk/typescript/dist/|coverage/|\\.[^./])' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@plumb/source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
