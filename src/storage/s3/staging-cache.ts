// Local copies of objects, for engines that read files. Any number of processes share one folder, without locks:
//
//   <folder>/objects/<id>                    a whole object; id: SHA-256 of bucket, key, ETag and size
//   <folder>/work/put-<random>               a download under way
//   <folder>/work/folder-<random>/<id>/name  a lease: hard links to what one process uses, until it closes the cache
//
// A copy is written and synced under another name, linked into the lease of its process, and only then named in objects/.
// Eviction removes names in objects/ that nobody has linked, those not used for longest first, so a file in use never goes
// away, whoever evicts. What a crashed process left in work/ is removed an hour later (work-area.ts). The content of an
// id never changes, so two processes that fetch the same object do no harm to each other.
import { createHash } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readdir, realpath, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders, syncFile } from '../../durable.ts';
import { diskFailure, errorCode, isAbsent, isOfDisk } from '../disk-failure.ts';
import { totalBytes } from '../totals.ts';
import { WorkArea } from '../work-area.ts';

export interface StagedObject {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

interface StagingCacheOptions {
  /** Absolute path; made by the first use. */
  readonly folder: string;
  /** Of objects/. What is in use stays, also beyond it. */
  readonly maxBytes: number;
}

const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV']);
/** Others fill the folder, too: it is measured again whenever this much of the bound came from here. */
const MEASURED_SHARE = 0.05;

interface Staged {
  readonly object: StagedObject;
  /** In the lease, there or on its way. */
  readonly path: Promise<string>;
}

export class StagingCache implements AsyncDisposable {
  readonly #objects: string;
  readonly #maxBytes: number;
  readonly #work: WorkArea;
  #lease: Promise<string> | null = null;
  readonly #staged = new Map<string, Staged>();
  /** Of objects/, when it was measured last; null: never. */
  #measuredBytes: number | null = null;
  #addedBytes = 0;

  constructor({ folder, maxBytes }: StagingCacheOptions) {
    this.#objects = join(folder, 'objects');
    this.#maxBytes = maxBytes;
    this.#work = new WorkArea(folder);
  }

  /** A file with the object's content that stays until the cache is closed. `download` writes it, where it is not here yet. */
  stage(object: StagedObject, download: (path: string) => Promise<void>): Promise<string> {
    const id = idOf(object);
    const known = this.#staged.get(id);
    if (known !== undefined) return known.path;
    const path = this.#named(`copying ${object.key}`, () => this.#fetch(id, object, download));
    this.#staged.set(id, { object, path });
    path.catch(() => this.#staged.delete(id));
    return path;
  }

  /** Takes a local file that has the object's content; it is gone from its place then. */
  take(object: StagedObject, path: string): Promise<void> {
    return this.#named(`keeping ${object.key}`, async () => {
      if (await this.#release(path)) return;
      await makeFolders(this.#objects);
      await syncFile(path);
      await rename(path, this.#objectPath(idOf(object))).catch(async (error: unknown) => {
        // From another file system. The object is safe in its bucket; the copy would only save a download.
        if (errorCode(error) !== 'EXDEV') throw error;
        await rm(path);
      });
      await this.#added(object);
    });
  }

  /** The objects are gone, or others by now: nobody here will ask for these copies again. */
  async forget(bucket: string, keys: ReadonlySet<string>): Promise<void> {
    for (const [id, { object, path }] of this.#staged) {
      if (object.bucket !== bucket || !keys.has(object.key)) continue;
      const staged = await path.catch(() => null);
      if (staged !== null) await this.#release(staged);
      await rm(this.#objectPath(id), { force: true });
    }
  }

  workFolder(): Promise<string> {
    return this.#named('making a work folder', () => this.#work.makeFolder());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#staged.values()].map(({ path }) => path));
    const lease = await this.#lease?.catch(() => null);
    this.#work[Symbol.dispose]();
    if (lease == null) return;
    await rm(lease, { recursive: true, force: true });
    // Files in use may exceed the bound, whichever process fetched them.
    await evict(this.#objects, this.#maxBytes);
  }

  async #fetch(id: string, object: StagedObject, download: (path: string) => Promise<void>): Promise<string> {
    const linked = join(await this.#leaseFolder(), id, basename(object.key));
    await mkdir(dirname(linked));
    try {
      if (await this.#linkCopy(id, object, linked)) return linked;
      await this.#download(id, download, linked);
    } catch (error) {
      await rm(dirname(linked), { recursive: true, force: true });
      throw error;
    }
    await this.#added(object);
    return linked;
  }

  async #download(id: string, download: (path: string) => Promise<void>, linked: string): Promise<void> {
    const path = await this.#work.filePath();
    try {
      await download(path);
      await syncFile(path);
      await hardLink(path, linked);
      await makeFolders(this.#objects);
      await rename(path, this.#objectPath(id));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** False where there is no whole copy. */
  async #linkCopy(id: string, { sizeBytes }: StagedObject, linked: string): Promise<boolean> {
    const path = this.#objectPath(id);
    try {
      await hardLink(path, linked);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    const { size, mtime } = await stat(linked);
    if (size !== sizeBytes) {
      await rm(linked);
      await rm(path, { force: true });
      return false;
    }
    // The time of access says when it was used last; that of the change stays.
    await utimes(linked, new Date(), mtime);
    return true;
  }

  /** True where the file was one of the lease. */
  async #release(path: string): Promise<boolean> {
    const id = basename(dirname(path));
    if ((await this.#staged.get(id)?.path.catch(() => null)) !== path) return false;
    this.#staged.delete(id);
    await rm(dirname(path), { recursive: true, force: true });
    return true;
  }

  /** Real, for engines that allow themselves real paths only. */
  #leaseFolder(): Promise<string> {
    this.#lease ??= this.#work.makeFolder().then((folder) => realpath(folder));
    return this.#lease;
  }

  async #added({ sizeBytes }: StagedObject): Promise<void> {
    this.#addedBytes += sizeBytes;
    const measured = this.#measuredBytes;
    const isMeasured = measured !== null && this.#addedBytes < this.#maxBytes * MEASURED_SHARE;
    if (isMeasured && measured + this.#addedBytes <= this.#maxBytes) return;
    this.#addedBytes = 0;
    this.#measuredBytes = await evict(this.#objects, this.#maxBytes);
  }

  #objectPath(id: string): string {
    return join(this.#objects, id);
  }

  async #named<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      // Network errors have codes too; the download reports them.
      throw isOfDisk(error) ? diskFailure(error, 'cache of S3 objects (s3.cacheFolder)', doing) : error;
    }
  }
}

const idOf = ({ bucket, key, etag, sizeBytes }: StagedObject): string =>
  createHash('sha256')
    .update(JSON.stringify([bucket, key, etag, sizeBytes]))
    .digest('hex');

/** A copy where the file system has no hard links. */
async function hardLink(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_HARD_LINKS.has(errorCode(error) ?? '')) throw error;
    await copyFile(from, to);
  }
}

interface Copy {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedAtMillis: number;
  readonly inUse: boolean;
}

/** Returns how many bytes stay. What cannot be removed does, until the next time. Files vanish meanwhile: others evict, too. */
async function evict(folder: string, maxBytes: number): Promise<number> {
  const copies = (await Promise.all((await readdir(folder).catch(() => [])).map((name) => copyAt(join(folder, name)))))
    .filter((copy) => copy !== null)
    .toSorted((left, right) => left.usedAtMillis - right.usedAtMillis);
  let total = totalBytes(copies);
  for (const { path, sizeBytes, inUse } of copies) {
    if (total <= maxBytes) return total;
    if (inUse) continue;
    await rm(path, { force: true }).catch(() => undefined);
    total -= sizeBytes;
  }
  return total;
}

async function copyAt(path: string): Promise<Copy | null> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null) return null;
  return { path, sizeBytes: stats.size, usedAtMillis: stats.atimeMs, inUse: stats.nlink > 1 };
}
