// An App and an Io for the tests of commands: nothing opens but what a test supplies.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../../src/cli/app.ts';
import type { Io, StopSignal } from '../../src/cli/io.ts';

export interface FakeIo extends Io {
  readonly stdout: () => string;
  readonly stderr: () => string;
  signal(signal: StopSignal): void;
  readonly forcedExit: () => number | null;
}

export interface FakeIoOptions {
  readonly stdin?: string;
  /** Makes stdout a terminal with so many lines. */
  readonly screenRows?: number;
}

export function fakeIo(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  { stdin = '', screenRows }: FakeIoOptions = {},
): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  const exits: number[] = [];
  const handlers = new Set<(signal: StopSignal) => void>();
  return {
    cwd,
    env,
    terminal: null,
    screen: screenRows === undefined ? null : { rows: screenRows, write: (text) => out.push(text) },
    stdin: async () => stdin,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    onSignal: (handler) => {
      handlers.add(handler);
      return { [Symbol.dispose]: () => void handlers.delete(handler) };
    },
    exitNow: (code) => void exits.push(code),
    stdout: () => out.join(''),
    stderr: () => err.join(''),
    signal: (signal) => {
      for (const handler of handlers) handler(signal);
    },
    forcedExit: () => exits[0] ?? null,
  };
}

const notSupplied = (name: string) => () => Promise.reject(new Error(`the test supplies no ${name}`));

export const fakeApp = (parts: Partial<App> = {}): App => ({
  openRegistry: notSupplied('registry'),
  openMaterializer: notSupplied('materializer'),
  openEraser: notSupplied('eraser'),
  openRuns: notSupplied('runs'),
  openBindings: notSupplied('bindings'),
  openDatasets: notSupplied('datasets'),
  openVerifier: notSupplied('verifier'),
  openExplainer: notSupplied('explainer'),
  openCollector: notSupplied('collector'),
  openBackups: notSupplied('backups'),
  openLookups: notSupplied('lookups'),
  openServer: notSupplied('server'),
  openJobs: notSupplied('jobs'),
  openIngest: notSupplied('ingest'),
  openStreams: notSupplied('streams'),
  createTelemetry: notSupplied('telemetry'),
  forkWorker: () => {
    throw new Error('the test supplies no workers');
  },
  openSourceInspector: notSupplied('source inspector'),
  openObjectStore: notSupplied('object store'),
  openOnlineStore: notSupplied('online store'),
  ...parts,
});

/** Adds what `await using` needs, and counts the disposals. */
export function opened<T extends object>(
  part: T,
): { readonly open: () => Promise<T & AsyncDisposable>; readonly closed: () => number } {
  let closed = 0;
  const dispose = async (): Promise<void> => void closed++;
  return { open: async () => Object.assign(part, { [Symbol.asyncDispose]: dispose }), closed: () => closed };
}

export async function projectFolder(projectFile = 'project: demo\n'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-cli-'));
  await writeFile(join(folder, 'plumb.yaml'), projectFile);
  return folder;
}
