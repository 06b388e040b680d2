// Feast in a virtual environment of the bench: the newest that PyPI has when the environment is made. Remove the folder
// `feast-venv` among the generated data for a newer one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers/free-port.ts';
import type { RedisServer } from '../../test/servers/redis.ts';
import { type Command, type Finished, measure, requireOk } from '../measured-process.ts';
import type { Options } from '../options.ts';
import { say } from '../results.ts';
import type { ServerProcess } from '../serving/server-process.ts';
import type { Files } from './worlds.ts';

export type OfflineStore = 'duckdb' | 'dask';

const INSTALL_SECONDS = 1_800;
const READY_MILLIS = 120_000;

/** Its programs; installed at first use. */
export async function feastPrograms({ dataFolder }: Options): Promise<string> {
  const venv = join(dataFolder, 'feast-venv');
  const bin = join(venv, 'bin');
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const command = { cwd: dataFolder, timeoutSeconds: INSTALL_SECONDS };
  if (!existsSync(join(bin, 'feast'))) {
    say(`installing Feast into ${venv}`);
    await requireOk({ ...command, program: 'python3', args: ['-m', 'venv', venv] });
    await requireOk({ ...command, program: join(bin, 'pip'), args: ['install', '-r', requirements] });
  }
  return bin;
}

/** Feast and what it runs on, `name==version` each. */
export async function feastVersions(bin: string): Promise<readonly string[]> {
  const command = { program: join(bin, 'pip'), args: ['freeze'], cwd: bin, timeoutSeconds: 60 };
  return (await requireOk(command))
    .split('\n')
    .filter((line) => /^(feast|duckdb|ibis|pandas|pyarrow|redis|hired)/.test(line));
}

export interface FeastRepo extends AsyncDisposable {
  readonly folder: string;
  feast(...args: readonly string[]): Promise<Finished>;
  /** A script that lies beside this file. */
  python(script: string, ...args: readonly string[]): Promise<Finished>;
  serve(): Promise<ServerProcess>;
}

export interface FeastWorld {
  readonly bin: string;
  readonly files: Files;
  readonly redis: RedisServer;
  readonly offline: OfflineStore;
}

/** A copy of `repo/`, applied; disposing removes it. */
export async function feastRepo({ timeoutSeconds }: Options, world: FeastWorld): Promise<FeastRepo> {
  const { bin, files, redis, offline } = world;
  const folder = await mkdtemp(join(tmpdir(), 'plumb-feast-'));
  await cp(join(import.meta.dirname, 'repo'), folder, { recursive: true });
  const env = {
    FEAST_USAGE: 'False',
    BENCH_FOLDER: folder,
    BENCH_REDIS: `127.0.0.1:${redis.port}`,
    BENCH_OFFLINE: offline,
    BENCH_FIFTY: files.fifty,
    BENCH_WIDE: files.wide,
    BENCH_HISTORY: files.history,
  };
  const command = (program: string, args: readonly string[]): Command => ({
    ...{ program: join(bin, program), args, cwd: folder, env, timeoutSeconds },
  });
  await requireOk(command('feast', ['apply']));
  return {
    folder,
    feast: (...args) => measure(command('feast', args)),
    python: (script, ...args) => measure(command('python', [join(import.meta.dirname, script), ...args])),
    serve: () => startFeastServer(join(bin, 'feast'), folder, env),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One worker, as Plumb has one process, that is never restarted in the middle. */
async function startFeastServer(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const port = await freePort();
  const settings = ['--workers', '1', '--max-requests', '0', '--no-access-log', '--registry_ttl_sec', '3600'];
  const args = ['serve', '--host', '127.0.0.1', '--port', String(port), ...settings];
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    await isReady(child, `${url}/health`);
    return { url, pid: child.pid as number, cpuSeconds: () => null, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isReady(child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + READY_MILLIS;
  for (;;) {
    const isOk = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isOk) return;
    if (child.exitCode !== null || performance.now() > until) throw new Error(`feast serve did not listen at ${url}`);
    await sleep(10);
  }
}
