// Where a history's snapshots and datasets live: one entry of STORAGE per kind.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileObjectStore } from '../../src/storage/file/file-object-store.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { S3Connection } from '../../src/storage/s3/s3-connection.ts';
import { S3ObjectStore } from '../../src/storage/s3/s3-object-store.ts';
import { s3Settings } from '../contract/object-store/s3-store.ts';
import { randomKeys, S3Server } from '../servers/s3.ts';
import { type ProxyFault, TcpProxy } from '../servers/tcp-proxy.ts';
import { ageFiles } from './aging.ts';
import type { StorageKind } from './history.ts';
import { STORAGE_FOLDER } from './project-file.ts';

export interface HistoryStorage extends AsyncDisposable {
  /** Keys of the project file. */
  readonly section: object;
  /** What processes need to know beside the project file. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the network in front of it, where it has one. */
  disturb(fault: ProxyFault): void;
  heal(): void;
  /** Leaves so many bytes free, where the storage lies on a disk of its own. */
  fill(freeBytes: number): Promise<void>;
  free(): Promise<void>;
  /** Down for so long, then back with its data. */
  restart(downMillis: number): Promise<void>;
  /** All objects were written days before they were. */
  age(): Promise<void>;
  /** For the checker. */
  open(): ObjectStore;
}

export const STORAGE: Readonly<Record<StorageKind, (folder: string, needsDisk: boolean) => Promise<HistoryStorage>>> = {
  file: async (folder, needsDisk) => {
    const root = join(folder, STORAGE_FOLDER);
    const filler = join(root, 'filler');
    await mkdir(root);
    if (needsDisk) mount(root);
    return {
      section: { storage: STORAGE_FOLDER },
      env: {},
      disturb: () => undefined,
      heal: () => undefined,
      fill: async (freeBytes) => {
        const { bavail, bsize } = await statfs(root);
        await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes))).catch(() => undefined);
      },
      free: () => rm(filler, { force: true }),
      restart: () => Promise.reject(new Error('a folder has no server')),
      age: () => ageFiles(root),
      open: () => new FileObjectStore({ root }),
      [Symbol.asyncDispose]: async () => {
        if (needsDisk) unmount(root);
      },
    };
  },

  s3: inS3,
};

/** Shorter than users would have them: a history lasts seconds. */
const PATIENCE = { retryForMillis: 3000, requestTimeoutMillis: 1500 };
/** The SDK of this process reads the keys where it reads them in others: all servers have the same. */
const KEYS = randomKeys();

/** A server of its own, which may be killed, and a proxy in front of it. */
async function inS3(folder: string): Promise<HistoryStorage> {
  const server = await S3Server.start(KEYS);
  Object.assign(process.env, server.credentials);
  const proxy = await TcpProxy.start(server.port);
  const address = `s3://${server.bucket}/history`;
  const settings = { ...s3Settings(server.endpoint, join(folder, 'checked')), ...PATIENCE };
  return {
    section: { storage: address, s3: { endpoint: `http://127.0.0.1:${proxy.port}`, ...PATIENCE } },
    env: server.credentials,
    disturb: (fault) => proxy.set(fault),
    heal: () => proxy.heal(),
    fill: async () => undefined,
    free: async () => undefined,
    restart: async (downMillis) => {
      proxy.set({ kind: 'reset' });
      await server.kill();
      await sleep(downMillis);
      await server.start();
      proxy.heal();
    },
    age: () => ageFiles(join(server.bucketFolder, 'history')),
    open: () => new S3ObjectStore({ address, connection: S3Connection.open(settings) }),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const DISK_BYTES = 24 * 2 ** 20;

const mounted = new Set<string>();
process.on('exit', () => mounted.forEach(unmount));

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'pipe' });
  mounted.add(folder);
}

function unmount(folder: string): void {
  mounted.delete(folder);
  execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
}

/** Why no small disk can be mounted here; null where it can. */
export async function whyNoDisk(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'plumb-mount-'));
  try {
    mount(folder);
    unmount(folder);
    return null;
  } catch (error) {
    return `a tmpfs cannot be mounted: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
