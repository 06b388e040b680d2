// plumb.yaml and PLUMB_ variables → Config. Reports every mistake at once.
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { overlayEnvironment } from '../../schemas/environment.ts';
import { PlumbError } from '../../schemas/errors.ts';
import { type Project, projectSchema } from '../../schemas/project.ts';
import { formatPath, parseContract, show } from '../contract-mistakes.ts';
import { parseDuration } from '../instant.ts';
import type { S3Settings } from '../s3-settings.ts';
import type { Config, EngineConfig, LogConfig, OnlineConfig, RetentionConfig } from './config.ts';
import { invalidConfig, placeMistake } from './mistakes.ts';
import { type CheckCommand, scheduleMistakes } from './schedule-mistakes.ts';

export const PROJECT_FILE = 'plumb.yaml';

export interface ConfigOptions {
  /** null: plumb.yaml in `cwd`. */
  readonly configPath: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absent: what schedules would run is not looked at. */
  readonly checkCommand?: CheckCommand;
}

export async function loadConfig({
  configPath,
  env,
  cwd,
  checkCommand = nothingWrong,
}: ConfigOptions): Promise<Config> {
  const file = resolve(cwd, configPath ?? PROJECT_FILE);
  const { project, setBy } = overlayEnvironment(parseFile(file, await readText(file)), env);
  const result = parseContract<Project>(projectSchema, withDefaultKinds(project));
  const refused = result.ok ? [] : result.mistakes;
  const told = new Set(refused.map(({ path }) => formatPath(path)));
  const others = await scheduleMistakes(project.schedules, checkCommand);
  const mistakes = [...refused, ...others.filter(({ path }) => !told.has(formatPath(path)))];
  if (result.ok && mistakes.length === 0) return resolveConfig(file, result.value);
  throw invalidConfig(
    file,
    mistakes.map((mistake) => placeMistake(mistake, file, setBy)),
  );
}

const nothingWrong: CheckCommand = async () => null;

const DEFAULT_KINDS: Readonly<Record<string, string>> = { online: 'lmdb', engine: 'duckdb', log: 'embedded' };

/** A section without its kind, such as one that only a variable like PLUMB_ENGINE_MEMORYLIMIT made, is of the default kind. */
function withDefaultKinds(project: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(project).map(([name, section]) => {
    const kind = DEFAULT_KINDS[name];
    return [name, kind !== undefined && isSection(section) ? { kind, ...section } : section];
  });
  return Object.fromEntries(entries);
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const advice = 'run `plumb init` for a new project, or name a file with --config';
    const message =
      code === 'ENOENT' ? `no project file at ${file}: ${advice}` : `cannot read the project file ${file}: ${code}`;
    throw new PlumbError('INVALID_CONFIG', message, { details: { file }, cause });
  }
}

function parseFile(file: string, text: string): Record<string, unknown> {
  const mistake = (found: string, expected: string) => ({ file, path: '', found, expected, nearest: null });
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw invalidConfig(
      file,
      document.errors.map((error) => mistake(error.message.trimEnd(), 'well-formed YAML')),
    );
  }
  const content: unknown = document.toJS() ?? {};
  if (isSection(content)) return content;
  throw invalidConfig(file, [mistake(show(content), 'keys such as `project: demo`')]);
}

function resolveConfig(file: string, project: Project): Config {
  const folder = dirname(file);
  const storage = project.storage.startsWith('s3://') ? project.storage : resolve(folder, project.storage);
  // What must be local stays beside the project file where the storage is remote.
  const localStorage = storage.startsWith('s3://') ? join(folder, '.plumb') : storage;
  return {
    project: project.project,
    file,
    folder,
    definitions: resolve(folder, project.definitions),
    storage,
    s3: resolveS3(project.s3, folder, localStorage),
    online: resolveOnline(project.online, folder, localStorage),
    engine: resolveEngine(project.engine, folder),
    log: resolveLog(project.log, folder, localStorage),
    leaseTermMillis: project.leaseTermMillis,
    server: { ...project.server, labelRoots: project.server.labelRoots.map((root) => resolve(folder, root)) },
    schedules: project.schedules,
    notify: { url: project.notify.url ?? null },
    retention: resolveRetention(project.retention),
  };
}

function resolveS3(s3: Project['s3'], folder: string, localStorage: string): S3Settings {
  return {
    ...s3,
    endpoint: s3.endpoint ?? null,
    region: s3.region ?? null,
    // Services of one's own seldom have a host name per bucket.
    forcePathStyle: s3.forcePathStyle ?? s3.endpoint !== undefined,
    // Below a name that no object of a folder storage has.
    cacheFolder: s3.cacheFolder === undefined ? join(localStorage, 'tmp', 's3') : resolve(folder, s3.cacheFolder),
  };
}

function resolveRetention({ grace, snapshots, datasets, jobs, audit }: Project['retention']): RetentionConfig {
  return {
    graceMicros: micros(grace),
    snapshots: { keep: snapshots.keep, maxAgeMicros: micros(snapshots.maxAge) },
    datasets: {
      keep: datasets.keep ?? null,
      maxAgeMicros: datasets.maxAge === undefined ? null : micros(datasets.maxAge),
    },
    jobs: { maxAgeMicros: micros(jobs.maxAge) },
    audit: { maxAgeMicros: micros(audit.maxAge) },
  };
}

/** The contract has checked the duration. */
const micros = (duration: string): bigint => parseDuration(duration) as bigint;

function resolveOnline(online: Project['online'], folder: string, localStorage: string): OnlineConfig {
  if (online.kind === 'redis' && online.tls !== undefined) return { ...online, tls: resolveTls(online.tls, folder) };
  if (online.kind !== 'lmdb') return online;
  return {
    ...online,
    path: online.path === undefined ? join(localStorage, 'online') : resolve(folder, online.path),
  };
}

function resolveLog(log: Project['log'], folder: string, localStorage: string): LogConfig {
  if (log.kind !== 'embedded') return log;
  const { maxAge, maxBytes } = log.retention;
  return {
    kind: 'embedded',
    path: log.path === undefined ? join(localStorage, 'log') : resolve(folder, log.path),
    retention: { maxAgeMicros: micros(maxAge), maxBytes: maxBytes ?? null },
  };
}

const TLS_FILES = ['caFile', 'certFile', 'keyFile'] as const;

function resolveTls<T extends { readonly [K in (typeof TLS_FILES)[number]]?: string | undefined }>(
  tls: T,
  folder: string,
): T {
  const files = TLS_FILES.flatMap((key) => (tls[key] === undefined ? [] : [[key, resolve(folder, tls[key])]]));
  return { ...tls, ...Object.fromEntries(files) };
}

function resolveEngine(engine: Project['engine'], folder: string): EngineConfig {
  if (engine.kind !== 'duckdb') return engine;
  return {
    kind: 'duckdb',
    memoryLimitBytes: engine.memoryLimit ?? null,
    threads: engine.threads ?? null,
    tempFolder: engine.tempFolder === undefined ? null : resolve(folder, engine.tempFolder),
  };
}
