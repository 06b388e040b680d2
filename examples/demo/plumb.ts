// Plumb as a user has it: the executable, and the server over HTTP.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PLUMB = fileURLToPath(new URL('../../bin/plumb.js', import.meta.url));

export interface Plumb {
  /** Runs a command with `--json` and answers its document; throws what it printed where it fails. */
  run(...args: readonly string[]): Promise<unknown>;
  serve(): Promise<Server>;
}

export interface Server extends AsyncDisposable {
  readonly url: string;
  /** As a crash would end it. */
  kill(): Promise<void>;
}

/** `project`: the project file. `storage`: where registry, training sets, snapshots and the online store go. An abort ends what runs. */
export function plumb(project: string, storage: string, signal: AbortSignal): Plumb {
  const env = { ...process.env, PLUMB_STORAGE: storage };
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [PLUMB, '--config', project, ...args], { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    run: async (...args) => {
      const { code, out, err } = await ended(start(...args, '--json'));
      if (code === 0) return JSON.parse(out);
      throw new Error(`plumb ${args.join(' ')} ended with ${code}\n${out}${err}`);
    },
    serve: () => serve(start('serve', '--port', '0')),
  };
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => void out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => void err.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
  });
}

function serve(child: ChildProcess): Promise<Server> {
  const end = ended(child);
  const endBy = async (by: NodeJS.Signals): Promise<void> => {
    child.kill(by);
    await end.catch(() => {});
  };
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const url = /http:\/\/\S+/.exec(chunk.toString())?.[0];
      if (url === undefined) return;
      resolve({ url, kill: () => endBy('SIGKILL'), [Symbol.asyncDispose]: () => endBy('SIGTERM') });
    });
    end.then(({ err }) => reject(new Error(`plumb serve ended: ${err}`)), reject);
  });
}
