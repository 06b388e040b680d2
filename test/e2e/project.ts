// A temporary project that is driven as a user would: through bin/plumb.js and HTTP.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/main.ts';
import { unprivileged } from '../unprivileged.ts';
import { until } from '../waiting.ts';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));

export interface Outcome {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningServe {
  readonly url: string;
  readonly pid: number;
  /** As a crash would end it. */
  kill(): Promise<Outcome>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Outcome>;
}

export interface TempProject {
  readonly folder: string;
  /**
   * Runs a command in the process of the test, which saves most of its time: what it reads, writes, prints and returns is
   * what it does in a process of its own, in which the conformance cases and `journey.test.ts` run every command.
   */
  plumb(...args: readonly string[]): Promise<Outcome>;
  /** The same with `--json`, parsed. */
  json(...args: readonly string[]): Promise<{ readonly code: number | null; readonly document: Document }>;
  serve(env?: Readonly<Record<string, string>>): Promise<RunningServe>;
  write(name: string, content: string): Promise<void>;
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  /** Every file under the storage, sorted; to see that nothing was lost or left behind. */
  stored(): Promise<readonly string[]>;
}

/** Any JSON object that a command prints. */
export type Document = Readonly<Record<string, unknown>> & {
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
};

/** A folder with `files`; removed when the test is done. `run`: `plumb` where each command needs a process of its own. */
export async function tempProject(
  files: Readonly<Record<string, string>>,
  run: typeof plumb = plumbHere,
): Promise<TempProject> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-e2e-'));
  const servers: RunningServe[] = [];
  // Servers first: one that still writes would bring the folder back.
  after(async () => {
    await Promise.all(servers.map(stopOrKill));
    // What a test that was given up left behind; the file of tests would wait for it.
    for (const [child, place] of running) if (place === folder) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return {
    folder,
    plumb: (...args) => run(folder, args),
    json: async (...args) => {
      const { code, out, err } = await run(folder, [...args, '--json']);
      if (out === '') throw new Error(`no JSON on stdout: ${err}`);
      return { code, document: JSON.parse(out) as Document };
    },
    serve: async (env) => {
      const server = await serve(folder, env);
      servers.push(server);
      return server;
    },
    write,
    read: (name) => readFile(join(folder, name), 'utf8'),
    remove: (name) => rm(join(folder, name), { recursive: true }),
    stored: () => filesUnder(join(folder, '.plumb')),
  };
}

const STOP_WITHIN_MILLIS = 15_000;

/** A server that hangs, or its worker, which holds its standard error open, must not make the tests hang. */
async function stopOrKill(server: RunningServe): Promise<void> {
  const patience = setTimeout(async () => {
    const children = await childrenOf(server.pid);
    void server.kill();
    for (const child of children) process.kill(child, 'SIGKILL');
  }, STOP_WITHIN_MILLIS);
  await server.stop();
  clearTimeout(patience);
}

/** The processes that a process started, on Linux. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.split(' ').filter(Boolean).map(Number);
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

async function plumbHere(folder: string, args: readonly string[]): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, {
    cwd: folder,
    env: process.env,
    stdin: async () => '',
    out: (text) => void out.push(text),
    screen: null,
    err: (text) => void err.push(text),
    terminal: null,
    onSignal: () => ({ [Symbol.dispose]: () => undefined }),
    exitNow: () => undefined,
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** A command in a process of its own. */
export const plumb = (folder: string, args: readonly string[]): Promise<Outcome> => start(folder, args).ended;

/** With the modes of folders in force, where the tests run as root, too. */
export const plumbUnprivileged = (folder: string, args: readonly string[]): Promise<Outcome> =>
  start(folder, args, { isUnprivileged: true }).ended;

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** Sends SIGINT as soon as the command has reached the failpoint. */
export const interruptAt = (folder: string, failpoint: string, args: readonly string[]): Promise<Outcome> =>
  actAt(folder, failpoint, args, async (child) => void child.kill('SIGINT'));

/** Runs the command, and `act` as soon as it has reached the failpoint. */
export async function actAt(
  folder: string,
  failpoint: string,
  args: readonly string[],
  act: (child: ChildProcess) => Promise<void>,
): Promise<Outcome> {
  const log = join(folder, 'failpoints.log');
  await rm(log, { force: true });
  const { child, ended } = start(folder, args, { env: { PLUMB_FAILPOINT_LOG: log } });
  let isRunning = true;
  const outcome = ended.finally(() => {
    isRunning = false;
  });
  await until(async () => !isRunning || (await readFile(log, 'utf8').catch(() => '')).includes(failpoint));
  await act(child);
  return outcome;
}

export interface PausedCommand {
  readonly pid: number;
  goOn(): Promise<Outcome>;
  kill(): Promise<Outcome>;
}

/** Runs the command until it stops itself at the failpoint, as a machine that was suspended would. */
export async function startPaused(folder: string, failpoint: string, args: readonly string[]): Promise<PausedCommand> {
  const { child, ended } = start(folder, args, { env: { PLUMB_FAILPOINT_PAUSE: failpoint } });
  after(() => child.kill('SIGKILL'));
  const signalled = (signal: NodeJS.Signals) => (): Promise<Outcome> => {
    child.kill(signal);
    return ended;
  };
  const early = ended.then(({ out, err }) => Promise.reject(new Error(`it never reached ${failpoint}: ${out}${err}`)));
  await Promise.race([untilStopped(child.pid as number), early]);
  early.catch(() => undefined);
  return { pid: child.pid as number, goOn: signalled('SIGCONT'), kill: signalled('SIGKILL') };
}

/** Until it stands still, or is gone. */
export async function untilStopped(pid: number): Promise<void> {
  await until(async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  });
}

/** What was started and has not ended, and in which folder. */
const running = new Map<ChildProcess, string>();

interface StartOptions {
  readonly isUnprivileged?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (out: string) => void;
}

function start(folder: string, args: readonly string[], options: StartOptions = {}): Started {
  const { isUnprivileged = false, env = {}, onOutput = () => {} } = options;
  const command = [process.execPath, PLUMB, ...args];
  const [program = '', ...rest] = isUnprivileged ? unprivileged(command) : command;
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.set(child, folder);
  child.once('exit', () => running.delete(child));
  const out: string[] = [];
  const err: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => void err.push(chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk.toString());
    onOutput(out.join(''));
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out: out.join(''), err: err.join('') }));
  });
  return { child, ended };
}

const LISTENING = /plumb listening on (http:\/\/\S+)/;

function serve(folder: string, env: Readonly<Record<string, string>> = {}): Promise<RunningServe> {
  return new Promise((resolve, reject) => {
    const onOutput = (out: string): void => {
      const url = LISTENING.exec(out)?.[1];
      if (url !== undefined) resolve({ url, pid: child.pid as number, stop, kill });
    };
    const { child, ended } = start(folder, ['serve', '--port', '0'], { env, onOutput });
    const stop = (): Promise<Outcome> => {
      child.kill('SIGTERM');
      return ended;
    };
    const kill = (): Promise<Outcome> => {
      child.kill('SIGKILL');
      return ended;
    };
    ended.then(({ code, err }) => reject(new Error(`serve ended with ${code}: ${err}`)), reject);
  });
}

export const lookup = (url: string, body: object | string): Promise<Response> =>
  fetch(`${url}/v1/online-features`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
