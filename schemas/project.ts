// The contract of the project file, plumb.yaml. Paths stay as written; whoever loads the file resolves them against its
// folder. Kinds that parse but are not built yet are refused by the program that wires adapters.
import { z } from 'zod';
import { DUTIES } from './duties.ts';
import { textField } from './fields.ts';
import { MOST_WORKERS } from './most-workers.ts';
import { notifySchema, schedulesField } from './schedules.ts';

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const SIZE = 'a number of bytes, or a size such as 512MB or 4GiB';
const SIZE_PATTERN = /^(\d+(?:\.\d+)?)\s*([KMGT]i?B|B)$/i;
const PROJECT_NAME = 'a name of letters, digits, _ and -, starting with a letter';

/** `4GiB`, `512 MB`, `1000` → bytes; null when it is none. */
export function parseSizeBytes(size: string | number): number | null {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? size : null;
  const match = SIZE_PATTERN.exec(size);
  const bytes = Math.floor(Number(match?.[1]) * (SIZE_UNITS[match?.[2]?.toUpperCase() ?? ''] ?? Number.NaN));
  return bytes > 0 ? bytes : null;
}

const isSize = (value: unknown): value is string | number =>
  (typeof value === 'string' || typeof value === 'number') && parseSizeBytes(value) !== null;

/** In: `4GiB` or a number; out: bytes. */
const sizeField = () =>
  z
    .custom<string | number>(isSize, { error: SIZE })
    .meta({ type: ['string', 'integer'], examples: ['4GiB'] })
    .transform((size) => parseSizeBytes(size) ?? 0);

const countField = (max: number) => {
  const error = `a whole number from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};
const millisField = (max: number) => {
  const error = `milliseconds: a whole number from 0 to ${max}`;
  return z.int({ error }).min(0, { error }).max(max, { error });
};
const portField = () => {
  const error = 'a port from 0 to 65535';
  return z.int({ error }).min(0, { error }).max(65_535, { error });
};

const STORAGE = 'a folder, or s3://bucket/prefix';
/** Keys of objects follow the prefix, and S3 ends both together at 1,024 bytes. */
const S3_STORAGE = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.=@+-]+)*\/?$/;
const MAX_PREFIX_CHARACTERS = 120;

function isStorage(storage: string): boolean {
  if (!storage.includes('://')) return true;
  const segments = storage.slice('s3://'.length).replace(/\/$/, '').split('/').slice(1);
  const travels = segments.some((segment) => segment === '.' || segment === '..');
  return S3_STORAGE.test(storage) && !travels && segments.join('/').length <= MAX_PREFIX_CHARACTERS;
}
const storageField = () => textField().refine(isStorage, { error: STORAGE });

/** At most 99,999 days, so that instants less a duration stay far within int64. */
const ageField = () => {
  const error = 'a duration such as 1h or 7d';
  return z
    .string({ error })
    .regex(/^[1-9]\d{0,4}[smhd]$/, { error })
    .meta({ examples: ['7d'] });
};

const LEASE_TERM = 'milliseconds, from 1000 to 3600000';
const REDIS_URL = 'an address such as redis://host:6379';
const redisUrlField = () => z.url({ protocol: /^rediss?$/, error: REDIS_URL });

const sentinelSchema = z.strictObject({
  master: textField().describe('What the Sentinels call the server to use, such as mymaster.'),
  username: textField().describe('Of the Sentinels themselves; user and password of Redis are in urls.').optional(),
  password: textField().describe('Of the Sentinels themselves.').optional(),
});

const tlsSchema = z
  .strictObject({
    caFile: textField().describe('PEM file of the certificate authorities to trust.').optional(),
    certFile: textField()
      .describe('PEM file of our certificate, for a Redis that asks for it; with keyFile.')
      .optional(),
    keyFile: textField().describe('PEM file of its key.').optional(),
    serverName: textField().describe("The name in the servers' certificates, where it is not the host's.").optional(),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'both certFile and keyFile, or neither',
  });

const breakerSchema = z.strictObject({
  failures: countField(1_000_000)
    .describe('Timeouts and lost connections in a row after which calls are refused at once; default 5.')
    .default(5),
  openMillis: countField(600_000)
    .describe('How long at first; doubles with each failed probe, to at most 16 times that; default 1000.')
    .default(1000),
});

const maxEntryBytesField = () =>
  sizeField()
    .describe(
      'Of one entity in one continuous aggregate view; what would make an entry bigger is left out, and its features read INVALID. Default: 1MiB.',
    )
    .prefault('1MiB');

const onlineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    maxEntryBytes: maxEntryBytesField(),
    kind: z.literal('lmdb').describe('Embedded store in a folder; the default.'),
    path: textField()
      .describe('Its folder; default: `online` under `storage`, or in `.plumb` where that is in S3.')
      .optional(),
  }),
  z.strictObject({
    maxEntryBytes: maxEntryBytesField(),
    kind: z.literal('memory').describe('Lost when the process ends; for tests.'),
  }),
  z
    .strictObject({
      maxEntryBytes: maxEntryBytesField(),
      kind: z
        .literal('redis')
        .describe('Redis, shared by any number of Plumb servers: one server, Sentinels, or a Cluster.'),
      url: redisUrlField()
        .describe('One server: redis://[user:password@]host:6379[/database], or rediss:// for TLS.')
        .optional(),
      urls: z
        .array(redisUrlField(), { error: 'a list of addresses such as redis://host:6379' })
        .min(1, { error: 'at least one address' })
        .describe('In place of url: some servers of a Redis Cluster; with sentinel, the Sentinels.')
        .optional(),
      sentinel: sentinelSchema.describe('urls name Sentinels; they name the server.').optional(),
      tls: tlsSchema
        .describe('For rediss://, where the certificate authorities of Node are not those of Redis.')
        .optional(),
      waitReplicas: z
        .int({ error: 'a whole number from 0 to 100' })
        .min(0, { error: 'a whole number from 0 to 100' })
        .max(100, { error: 'a whole number from 0 to 100' })
        .describe(
          'Replicas of each server that must have the rows of a run before it is live; default: in a Cluster 1 where a server has any, else 0.',
        )
        .optional(),
      connectTimeoutMillis: countField(600_000)
        .describe('How long to wait for a connection; default 5000.')
        .default(5000),
      commandTimeoutMillis: countField(600_000).describe('How long to wait for an answer; default 2000.').default(2000),
      maxPendingCommands: countField(1_000_000)
        .describe('Commands in flight to one server at most; beyond it lookups are refused at once; default 50000.')
        .default(50_000),
      breaker: breakerSchema.describe('When a server that does not answer in time is left alone.').prefault({}),
    })
    // Both at `url`, which is shown without user and password: the section may hold more of them.
    .refine(({ url, urls }) => (url === undefined) !== (urls === undefined), {
      error: 'either url or urls, not both',
      path: ['url'],
    })
    .refine(({ url, urls, sentinel }) => url === undefined || urls !== undefined || sentinel === undefined, {
      error: 'urls with the addresses of the Sentinels, in place of url',
      path: ['url'],
    }),
]);

const engineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('duckdb').describe('Embedded engine; the default.'),
    memoryLimit: sizeField()
      .describe('Default: half of the memory of the machine. Beyond it the engine spills.')
      .optional(),
    threads: countField(1024).describe('Default: the cores of the machine.').optional(),
    tempFolder: textField()
      .describe('Where the engine spills; default: under `storage`, or in `s3.cacheFolder` where that is in S3.')
      .optional(),
  }),
  z.looseObject({ kind: z.literal('spark').describe('Not supported yet.') }),
]);

const logRetentionSchema = z.strictObject({
  maxAge: ageField().describe('Older events leave.').default('7d'),
  maxBytes: sizeField()
    .describe('Of the events of one source, by their text; beyond it the oldest leave. Default: no bound.')
    .optional(),
});

const logSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded').describe('Embedded event log; the default.'),
    path: textField()
      .describe(
        'Folder of the log, on a local disk; default: `log` under `storage`, or in `.plumb` where that is in S3.',
      )
      .optional(),
    retention: logRetentionSchema
      .describe('What the log lets go, once the lake and all views have it: [streaming](../streaming.md#retention).')
      .prefault({}),
  }),
  z.strictObject({
    kind: z.literal('kafka').describe('Not supported yet.'),
    brokers: z
      .array(textField(), { error: 'a list of host:port' })
      .min(1, { error: 'at least one broker' })
      .describe('`host:port` of each.'),
  }),
]);

const limitsSchema = z.strictObject({
  entitiesPerRequest: countField(1_000_000)
    .describe('Most entities in one lookup; more are answered 413.')
    .default(10_000),
  bodyBytes: sizeField().describe('Greatest request body; beyond it 413.').prefault('16MiB'),
  eventsPerRequest: countField(1_000_000).describe('Most events in one push; more are answered 413.').default(10_000),
  labelRows: countField(100_000_000).describe('Most label rows in a JSON request; beyond it 413.').default(100_000),
  labelBytes: sizeField().describe('Greatest upload of labels as an Arrow IPC stream; beyond it 413.').prefault('1GiB'),
  labelColumns: countField(100_000)
    .describe(
      'Most columns of labels, and in a JSON request or an upload the fields within them; beyond it 413, of a file `INVALID_LABELS`.',
    )
    .default(1000),
  labelDepth: countField(64)
    .describe('Most lists and structs within each other in a column of such labels.')
    .default(8),
  uploadedLabelRows: countField(1_000_000_000)
    .describe('Most rows of labels in an upload; beyond it the job fails as `TOO_LARGE`.')
    .default(100_000_000),
  labelDecompressedBytes: sizeField()
    .describe('Most bytes that an upload may grow to once decompressed; beyond it the job fails as `TOO_LARGE`.')
    .prefault('1GiB'),
  queuedJobs: countField(100_000).describe('Most jobs that wait; more are answered 429.').default(100),
});

const S3_ENDPOINT = 'an address such as https://s3.example.com';
const s3Schema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: S3_ENDPOINT })
    .describe('Address of an S3-compatible service; default: AWS.')
    .optional(),
  region: textField()
    .describe('Default: `AWS_REGION` or the profile; `us-east-1` where an endpoint is named.')
    .optional(),
  forcePathStyle: z
    .boolean({ error: 'true or false' })
    .describe('`endpoint/bucket/key` instead of `bucket.endpoint/key`; default: true where an endpoint is named.')
    .optional(),
  cacheFolder: textField()
    .describe(
      'Local copies of objects, and work in progress; default: `tmp/s3` under `storage`, or in `.plumb` where that is in S3.',
    )
    .optional(),
  cacheBytes: sizeField().describe('Local copies at most, beside those in use.').prefault('10GiB'),
  maxConnections: countField(10_000).describe('Connections at a time.').default(32),
  retryForMillis: countField(3_600_000).describe('How long a failing request is repeated.').default(30_000),
  requestTimeoutMillis: countField(3_600_000).describe('How long a connection may stand still.').default(30_000),
});

const jobsSchema = z.strictObject({
  timeoutMillis: countField(604_800_000)
    .describe('How long one job may run until its process is ended and the job fails; default 6 hours.')
    .default(21_600_000),
  silenceMillis: countField(3_600_000)
    .describe('How long the process of a job may show no sign of life until it is ended and the job fails.')
    .default(120_000),
});

const serverSchema = z.strictObject({
  host: textField().describe('Address to listen on.').default('127.0.0.1'),
  port: portField().describe('0: any free port.').default(6567),
  auth: z
    .enum(['none', 'keys'], { error: 'none or keys' })
    .describe(
      'Who may ask: with `none` whoever reaches the port, with `keys` who sends one that `plumb key create` made.',
    )
    .default('none'),
  insecure: z
    .boolean({ error: 'true or false' })
    .describe('Take a `host` beyond this machine without keys, which is refused otherwise.')
    .default(false),
  maxLagMillis: countField(604_800_000)
    .describe(
      'How far a view may be behind its [stream](../streaming.md) until /readyz is 503: since the first event that lookups do not see was received. Default: any.',
    )
    .optional(),
  staleKeysMillis: countField(604_800_000)
    .describe(
      'How long keys that were read are taken while the storage is away; then what needs a key is 503. Default 1 hour.',
    )
    .default(3_600_000),
  workers: countField(MOST_WORKERS)
    .describe(
      'Processes that answer on that port; more than 1 not with the online store `memory`. Beside them one has the jobs.',
    )
    .default(1),
  duties: z
    .array(z.enum(DUTIES), { error: `a list of ${DUTIES.join(', ')}` })
    .min(1, { error: 'at least one duty' })
    .describe(
      'What it does: `lookup` looks features up, `stream` applies events that are pushed, `jobs` takes jobs from clients, `schedule` runs [schedules](../schedules.md).',
    )
    .default(['lookup', 'stream', 'jobs']),
  limits: limitsSchema.describe('What one request, and the queue of jobs, may take.').prefault({}),
  labelRoots: z
    .array(textField(), { error: 'a list of folders' })
    .describe('Folders that label files may be read from by path; default: none.')
    .default([]),
  corsOrigins: z
    .array(textField(), { error: 'a list of origins such as https://app.example.com' })
    .describe('Origins whose pages may call the server from a browser; `*` for all; default: none.')
    .default([]),
  concurrentJobs: countField(64).describe('Training sets and materializations at a time.').default(1),
  jobs: jobsSchema.describe('When a job that does not end is ended, so that others get its place.').prefault({}),
  drainDelayMillis: millisField(600_000)
    .describe('Once told to stop: how long to go on serving with /readyz 503, so that load balancers notice.')
    .default(0),
  drainTimeoutMillis: millisField(3_600_000)
    .describe('After that: how long requests in flight may take until they are cut off.')
    .default(20_000),
});

/** Counts and ages of one kind of thing: what is among the newest `keep` stays, and so does what is younger than `maxAge`. */
const retentionSchema = z.strictObject({
  grace: ageField()
    .describe(
      'How long a row stays in the online store after its need is over, and how old leftovers are before they go.',
    )
    .default('1d'),
  snapshots: z
    .strictObject({
      keep: countField(100_000).describe('How many of the newest stay.').default(7),
      maxAge: ageField().describe('Younger ones stay too.').default('30d'),
    })
    .describe('Runs of each view, under `views/`.')
    .prefault({}),
  datasets: z
    .strictObject({
      keep: countField(100_000)
        .describe('Newest versions of each training set that stay; default: all, where there is no `maxAge` either.')
        .optional(),
      maxAge: ageField().describe('Younger versions stay too; the newest one always does.').optional(),
    })
    .describe('Training sets. By default all stay.')
    .prefault({}),
  jobs: z
    .strictObject({ maxAge: ageField().describe('Records of jobs that ended earlier are removed.').default('30d') })
    .describe('Records of jobs.')
    .prefault({}),
  audit: z
    .strictObject({
      maxAge: ageField().describe('Older entries are removed, and keys that ended so long ago.').default('365d'),
    })
    .describe('What was changed by whom: `plumb audit list`.')
    .prefault({}),
});

export const projectSchema = z
  .strictObject({
    project: z
      .string({ error: PROJECT_NAME })
      .regex(/^[a-z][a-z0-9_-]*$/i, { error: PROJECT_NAME })
      .describe('Name of the project; separates projects in a shared store. Letters, digits, `_` and `-`.'),
    definitions: textField().describe('Folder of definition files, or one file.').default('features'),
    storage: storageField()
      .describe('Folder of the registry, snapshots and datasets, or `s3://bucket/prefix`.')
      .default('.plumb'),
    leaseTermMillis: z
      .int({ error: LEASE_TERM })
      .min(1000, { error: LEASE_TERM })
      .max(3_600_000, { error: LEASE_TERM })
      .describe('How long the owner of a run may show no sign of life before others may take its place; default 30000.')
      .default(30_000),
    s3: s3Schema
      .describe('The service that `s3://` addresses are of. Credentials come from where every AWS tool takes them.')
      .prefault({}),
    online: onlineSchema.describe('Where served rows live.').prefault({ kind: 'lmdb' }),
    engine: engineSchema.describe('What computes training sets and materializations.').prefault({ kind: 'duckdb' }),
    log: logSchema.describe('Durable event log.').prefault({ kind: 'embedded' }),
    server: serverSchema.describe('`plumb serve`.').prefault({}),
    schedules: schedulesField(),
    notify: notifySchema.describe('Who is told of failures.').prefault({}),
    retention: retentionSchema.describe('What `plumb gc` and the online store let go, and when.').prefault({}),
  })
  .describe('plumb.yaml; relative paths are relative to it, and every key is also a PLUMB_ variable.');

export type Project = z.output<typeof projectSchema>;
