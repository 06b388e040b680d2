// ObjectStore on a folder. An object is a regular file under its key. Its content is written and synced under another
// name first and gets its key by one atomic step: rename replaces, link creates (of N concurrent creators one wins).
// Symbolic links below the root are refused, so nothing is read or written outside of it.
import { constants } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { type ErrorCode, PlumbError } from '../../../schemas/errors.ts';
import { makeFolders, syncFile, syncFolder, writeSynced } from '../../durable.ts';
import { failpoint } from '../../failpoint.ts';
import { diskFailure, isAbsent } from '../disk-failure.ts';
import { requireKey, requirePrefix } from '../object-key.ts';
import type { ByteRange, ObjectInfo, ObjectStore } from '../object-store.ts';
import { storageAbsent } from '../storage-absent.ts';
import { WorkArea } from '../work-area.ts';
import { removeEmptyFolders } from './empty-folders.ts';
import { findSymbolicLink, linkUnlessExists, lstatOrNull } from './links.ts';
import { listFiles } from './list-files.ts';
import { moveFile } from './move-file.ts';

export interface FileObjectStoreOptions {
  /** Absolute path of the folder. */
  readonly root: string;
  /** True: the first write makes the folder. False: every call is STORAGE_UNAVAILABLE while it is absent. */
  readonly mayCreate?: boolean;
}

const READ_AT_ONCE = 256 * 1024;

export class FileObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #work: WorkArea;
  readonly #mayCreate: boolean;

  constructor({ root, mayCreate = true }: FileObjectStoreOptions) {
    this.#root = resolve(root);
    this.#mayCreate = mayCreate;
    this.#work = new WorkArea(this.#root);
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.#named(`reading ${key}`, async () => {
      if (!(await this.#isFile(key))) return null;
      try {
        await using file = await open(this.#path(key), constants.O_RDONLY | constants.O_NOFOLLOW);
        return await readFile(file);
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    });
  }

  readRange(key: string, { first, last }: ByteRange): Promise<Readable | null> {
    return this.#named(`reading ${key}`, async () => {
      if (!(await this.#isFile(key))) return null;
      const file = await open(this.#path(key), constants.O_RDONLY | constants.O_NOFOLLOW).catch(nullWhereAbsent);
      if (file === null) return null;
      try {
        const { size } = await file.stat();
        if (last >= size) throw truncated(key, size, last + 1);
        return file.createReadStream({ start: first, end: last, highWaterMark: READ_AT_ONCE });
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  put(key: string, content: Uint8Array): Promise<void> {
    return this.#named(`writing ${key}`, async () => {
      const folder = await this.#folderFor(key);
      await this.#withContent(content, async (written) => {
        failpoint('object.put.before_rename');
        await rename(written, this.#path(key));
      });
      await syncFolder(folder);
      failpoint('object.put.after_rename');
    });
  }

  putIfAbsent(key: string, content: Uint8Array): Promise<boolean> {
    return this.#named(`creating ${key}`, async () => {
      const folder = await this.#folderFor(key);
      const created = await this.#withContent(content, async (written) => {
        failpoint('object.create.before_link');
        return await linkUnlessExists(written, this.#path(key));
      });
      // The loser syncs too: it may go on from the winner's object, which must then outlive a crash.
      await syncFolder(folder);
      if (created) failpoint('object.create.after_link');
      return created;
    });
  }

  list(prefix: string): Promise<readonly ObjectInfo[]> {
    return this.#named(`listing ${prefix}`, async () => {
      requirePrefix(prefix);
      if (prefix !== '') await this.#refuseLinks(prefix.slice(0, -1));
      return await listFiles(this.#root, prefix);
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(requireKey);
    for (const key of keys) {
      await this.#named(`deleting ${key}`, async () => {
        if (await this.#isFile(key)) await rm(this.#path(key), { force: true });
      });
    }
  }

  localPath(key: string): Promise<string> {
    return this.#named(`reading ${key}`, async () => {
      if (await this.#isFile(key)) return this.#path(key);
      throw this.#failure(
        'STORAGE_CORRUPT',
        key,
        `has no object ${key}, though something refers to it: it was deleted or moved`,
      );
    });
  }

  async adopt(files: readonly { readonly localPath: string; readonly key: string }[]): Promise<void> {
    for (const { key } of files) requireKey(key);
    const folders = new Set<string>();
    for (const { localPath, key } of files) {
      await this.#named(`writing ${key}`, async () => {
        folders.add(await this.#folderFor(key));
        await syncFile(localPath);
        await moveFile(localPath, this.#path(key), this.#work);
      });
    }
    await this.#named('writing', async () => {
      for (const folder of folders) await syncFolder(folder);
    });
  }

  workFolder(): Promise<string> {
    return this.#named('making a work folder', () => this.#work.makeFolder());
  }

  async requirePresent(): Promise<void> {
    if (!this.#mayCreate && (await lstatOrNull(this.#root)) === null) throw storageAbsent(this.#root);
  }

  /** Makes no folder. */
  examine(): Promise<string> {
    return this.#named('trying it', async () => {
      const probe = join(this.#root, `doctor-${process.pid}-${Date.now()}.tmp`);
      try {
        await writeSynced(probe, Buffer.from('plumb doctor'));
      } finally {
        await rm(probe, { force: true });
      }
      return `${this.#root} is writable`;
    });
  }

  /** Folders that deleted objects left empty go too; they do not count. */
  async removeAbandoned(untouchedSinceMillis: number, isDry: boolean): Promise<number> {
    if (!isDry) await removeEmptyFolders(this.#root, untouchedSinceMillis);
    return await this.#work.removeAbandoned(untouchedSinceMillis, isDry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#work[Symbol.dispose]();
  }

  #path(key: string): string {
    return join(this.#root, key);
  }

  /** For messages. */
  get #place(): string {
    return `storage "${this.#root}"`;
  }

  #failure(code: ErrorCode, key: string, what: string): PlumbError {
    return new PlumbError(code, `the ${this.#place} ${what}`, {
      details: { key },
      publicMessage: `the storage ${what}`,
    });
  }

  async #named<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      await this.requirePresent();
      return await action();
    } catch (error) {
      throw diskFailure(error, this.#place, doing, 'storage');
    }
  }

  /** The folder of a key about to be written, made where it is missing. */
  async #folderFor(key: string): Promise<string> {
    requireKey(key);
    await this.#refuseLinks(key);
    const folder = dirname(this.#path(key));
    await makeFolders(folder);
    return folder;
  }

  async #withContent<T>(content: Uint8Array, name: (written: string) => Promise<T>): Promise<T> {
    const written = await this.#work.filePath();
    try {
      await writeSynced(written, content);
      return await name(written);
    } finally {
      await rm(written, { force: true });
    }
  }

  async #isFile(key: string): Promise<boolean> {
    requireKey(key);
    await this.#refuseLinks(key);
    return (await lstatOrNull(this.#path(key)))?.isFile() ?? false;
  }

  async #refuseLinks(key: string): Promise<void> {
    const at = await findSymbolicLink(this.#root, key);
    if (at === null) return;
    const what = `holds a symbolic link at ${at}: replace it by what it points to, or point \`storage\` itself elsewhere`;
    throw this.#failure('STORAGE_UNAVAILABLE', key, what);
  }
}

function nullWhereAbsent(error: unknown): null {
  if (isAbsent(error)) return null;
  throw error;
}

const truncated = (key: string, sizeBytes: number, expectedBytes: number): PlumbError =>
  new PlumbError(
    'STORAGE_CORRUPT',
    `the stored object ${key} is damaged: found ${sizeBytes} bytes, expected at least ${expectedBytes}`,
    { details: { key } },
  );
