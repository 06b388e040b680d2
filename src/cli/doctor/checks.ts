// The checks of `plumb doctor`. Each stands alone: one that fails is a finding, and the others go on.
import { ERRORS, PlumbError } from '../../../schemas/errors.ts';
import { heldName } from '../../catalog/learned.ts';
import type { Config } from '../../config/config.ts';
import type { OpenOptions } from '../../config/open-options.ts';
import { counted } from '../../counted.ts';
import { soonOr } from '../../soon-or.ts';
import { isStorageAbsent } from '../../storage/storage-absent.ts';
import type { App } from '../app.ts';
import { debugFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { type Check, type Finding, fail, ok, warn } from './finding.ts';
import { checkDiskSpace, checkNode } from './machine.ts';

interface Subject {
  readonly app: App;
  readonly config: Config;
  readonly options: OpenOptions;
}

type Probe = (subject: Subject) => Promise<Finding>;

const PROBES: readonly (readonly [string, Probe])[] = [
  ['storage', checkStorage],
  ['definitions', checkDefinitions],
  ['registry', checkRegistry],
  ['sources', checkSources],
  ['online store', checkOnlineStore],
  ['watermarks', checkWatermarks],
  ['training sets', checkDatasets],
  ['disk space', ({ config }) => checkDiskSpace(config)],
];

export async function runChecks(invocation: Invocation): Promise<readonly Check[]> {
  const { app } = invocation;
  const checks: Check[] = [{ name: 'node', ...checkNode(process.versions.node) }];
  let config: Config;
  try {
    config = await invocation.config();
    checks.push({ name: 'project file', ...ok(`${config.file}, project ${config.project}`) });
  } catch (error) {
    return [...checks, { name: 'project file', ...failed(error, invocation.io) }];
  }
  const subject = {
    app,
    config: impatient(config),
    options: { ...invocation.openOptions(), makes: 'nothing' as const },
  };
  const away = new Set<string>();
  for (const [name, probe] of PROBES) {
    const missing = NEEDS[name]?.find((needed) => away.has(needed));
    if (missing !== undefined) {
      checks.push({ name, ...warn(`not checked: it needs the ${missing}`, `put the ${missing} right first`) });
      continue;
    }
    const finding = await inTime(name, subject, probe).catch((error: unknown) => {
      if (name === 'registry' || isAway(error)) away.add(name);
      return failed(error, invocation.io);
    });
    checks.push({ name, ...finding });
  }
  return checks;
}

/** One cause is told once. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  definitions: ['storage'],
  registry: ['storage'],
  sources: ['storage', 'registry'],
  watermarks: ['storage', 'registry', 'online store'],
  'training sets': ['storage'],
};

const isAway = (error: unknown): boolean =>
  error instanceof PlumbError &&
  ['STORAGE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'INVALID_CONFIG'].includes(error.code) &&
  !isStorageAbsent(error);

const S3_PATIENCE_MILLIS = 2500;
const STORE_MILLIS = 4000;
/** Of checks that only ask a store whether it is there. */
const BOUNDED = new Set(['storage', 'online store']);

/** A server waits for an S3 service that is briefly unreachable; `doctor` does not, since it reports what is wrong now. */
const impatient = (config: Config): Config => ({
  ...config,
  s3: { ...config.s3, retryForMillis: Math.min(config.s3.retryForMillis, S3_PATIENCE_MILLIS) },
});

async function inTime(name: string, subject: Subject, probe: Probe): Promise<Finding> {
  if (!BOUNDED.has(name)) return await probe(subject);
  const late = new AbortController();
  const { options } = subject;
  const signal = AbortSignal.any([options.signal, late.signal]);
  const found = await soonOr(probe({ ...subject, options: { ...options, signal } }), null, STORE_MILLIS);
  if (found !== null) return found;
  late.abort();
  const message = `the ${name} did not answer within ${STORE_MILLIS / 1000} s`;
  throw new PlumbError(name === 'storage' ? 'STORAGE_UNAVAILABLE' : 'STORE_UNAVAILABLE', message);
}

function failed(error: unknown, io: Io): Finding {
  debugFailure(error, io);
  if (!(error instanceof PlumbError)) return fail('internal error', 'run with PLUMB_DEBUG=1');
  const [firstLine = '', ...more] = error.message.split('\n');
  if (more.length > 0) return fail(firstLine, 'run `plumb apply --dry-run`, which tells each');
  return fail(firstLine, ERRORS[error.code].retryable && !isStorageAbsent(error) ? 'try again' : null);
}

async function checkDefinitions({ app, config, options }: Subject): Promise<Finding> {
  await using registry = await app.openRegistry(config, { ...options, makes: 'storage' }); // A dry run makes nothing.
  const { changes } = await registry.apply({ dryRun: true });
  if (changes.length === 0) return ok('valid, and as registered');
  return warn(`valid, with ${changes.length} changes that are not registered`, 'run `plumb apply`');
}

async function checkRegistry({ app, config, options }: Subject): Promise<Finding> {
  await using registry = await app.openRegistry(config, options);
  const { version, views, services } = await registry.current();
  return ok(
    `version ${version} with ${counted(views.size, 'feature view')} and ${counted(services.size, 'feature service')}`,
  );
}

async function checkSources({ app, config, options }: Subject): Promise<Finding> {
  await using registry = await app.openRegistry(config, options);
  const { sources } = await registry.current();
  await using inspector = await app.openSourceInspector(config, options);
  const missing: string[] = [];
  for (const source of sources.values()) {
    if ((await inspector.inspect(source)).fileCount === 0) missing.push(`${source.name} (${source.path})`);
  }
  if (missing.length === 0) return ok(`${sources.size} found`);
  return fail(`no file for ${missing.join(', ')}`, 'bring the files back or correct the path');
}

async function checkDatasets({ app, config, options }: Subject): Promise<Finding> {
  await using opened = await app.openDatasets(config, options);
  const { datasets, damaged } = await opened.list();
  if (damaged.length === 0) return ok(`${datasets.length} found`);
  return fail(damaged.map(({ message }) => message).join('; '), null);
}

async function checkStorage({ app, config, options }: Subject): Promise<Finding> {
  await using store = await app.openObjectStore(config, options);
  return ok(await store.examine());
}

async function checkOnlineStore({ app, config, options }: Subject): Promise<Finding> {
  await using store = await app.openOnlineStore(config, options);
  const { found, dangers } = await store.examine();
  if (dangers.length === 0) return ok(found);
  return warn(
    [found, ...dangers.map((danger) => danger.found)].join('; '),
    dangers.map(({ advice }) => advice).join('; '),
  );
}

async function checkWatermarks({ app, config, options }: Subject): Promise<Finding> {
  await using materializer = await app.openMaterializer(config, options);
  const views = await materializer.status({ everything: true });
  const damaged = views.flatMap((view) => view.damaged);
  if (damaged.length > 0) return fail(damaged.join('; '), null);
  const emptied = views.filter((view) => view.emptied).map(({ view }) => view);
  if (emptied.length > 0) {
    const advice = 'run `plumb materialize`, or `plumb materialize --from-snapshot` to compute nothing';
    return fail(`the online store has nothing of ${emptied.join(', ')}, though runs succeeded: it was emptied`, advice);
  }
  const behind = views.filter(
    ({ online, watermark, changed, pendingRun }) => online && (watermark === null || changed || pendingRun !== null),
  );
  const former = views.filter(({ boundTo }) => boundTo !== undefined).length;
  const beside = former === 0 ? '' : `, ${former} of them former definitions that training sets are bound to`;
  if (behind.length === 0) return ok(`${views.length} views are materialized${beside}`);
  const names = behind.map(({ view, boundTo }) => heldName(view, boundTo));
  const advice = `run \`plumb materialize ${[...new Set(behind.map(({ view }) => view))].join(' ')}\``;
  return warn(`never materialized, changed or unfinished: ${names.join(', ')}`, advice);
}
