// The checks of `plumb doctor`. Each stands alone: one that fails is a finding, and the others go on.
import { ERRORS, PlumbError } from '../../../schemas/errors.ts';
import type { Config } from '../../config/config.ts';
import type { App, OpenOptions } from '../app.ts';
import { debugFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Io } from '../io.ts';
import { counted } from '../units.ts';
import { type Check, type Finding, fail, ok, warn } from './finding.ts';
import { checkDiskSpace, checkNode } from './machine.ts';

interface Subject {
  readonly app: App;
  readonly config: Config;
  readonly options: OpenOptions;
}

type Probe = (subject: Subject) => Promise<Finding>;

const PROBES: readonly (readonly [string, Probe])[] = [
  ['definitions', checkDefinitions],
  ['registry', checkRegistry],
  ['sources', checkSources],
  ['storage', checkStorage],
  ['online store', checkOnlineStore],
  ['watermarks', checkWatermarks],
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
  const subject = { app, config, options: invocation.openOptions() };
  for (const [name, probe] of PROBES)
    checks.push({ name, ...(await probe(subject).catch((error: unknown) => failed(error, invocation.io))) });
  return checks;
}

function failed(error: unknown, io: Io): Finding {
  debugFailure(error, io);
  if (!(error instanceof PlumbError)) return fail('internal error', 'run with PLUMB_DEBUG=1');
  const [firstLine = '', ...more] = error.message.split('\n');
  if (more.length > 0) return fail(firstLine, 'run `plumb apply --dry-run`, which tells each');
  return fail(firstLine, ERRORS[error.code].retryable ? 'try again' : null);
}

async function checkDefinitions({ app, config, options }: Subject): Promise<Finding> {
  await using registry = await app.openRegistry(config, options);
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

async function checkStorage({ app, config, options }: Subject): Promise<Finding> {
  await using store = await app.openObjectStore(config, options);
  const key = `doctor/${process.pid}-${Date.now()}`;
  await store.put(key, Buffer.from('plumb doctor'));
  await store.delete([key]);
  return ok((await store.examine?.()) ?? `${config.storage} is writable`);
}

async function checkOnlineStore({ app, config, options }: Subject): Promise<Finding> {
  await using store = await app.openOnlineStore(config, options);
  await store.ping();
  const { found, dangers } = (await store.examine?.()) ?? { found: `${config.online.kind} answers`, dangers: [] };
  if (dangers.length === 0) return ok(found);
  return warn(
    [found, ...dangers.map((danger) => danger.found)].join('; '),
    dangers.map(({ advice }) => advice).join('; '),
  );
}

async function checkWatermarks({ app, config, options }: Subject): Promise<Finding> {
  await using materializer = await app.openMaterializer(config, options);
  const views = await materializer.status();
  const emptied = views.filter((view) => view.emptied).map(({ view }) => view);
  if (emptied.length > 0) {
    const advice = 'run `plumb materialize`, or `plumb materialize --from-snapshot` to compute nothing';
    return fail(`the online store has nothing of ${emptied.join(', ')}, though runs succeeded: it was emptied`, advice);
  }
  const behind = views.filter(
    ({ watermark, changed, pendingRun }) => watermark === null || changed || pendingRun !== null,
  );
  if (behind.length === 0) return ok(`${views.length} views are materialized`);
  const names = behind.map(({ view }) => view).join(', ');
  return warn(`never materialized, changed or unfinished: ${names}`, 'run `plumb materialize`');
}
