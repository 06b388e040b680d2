// `<root>/work`: files and folders of work in progress, and the removal of what crashed writers left there.
//
//   work/put-<random>      the content of an object before it gets its name
//   work/folder-<random>/  a folder that workFolder() handed out
//
// The engine spills into the work folder it was given. Owners of a work folder touch it every few minutes, so its age says
// whether somebody still lives, in every process and on every machine that shares the storage.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../durable.ts';

const OURS = /^(put|folder)-[0-9a-f-]{36}$/;
const ABANDONED_AFTER_MILLIS = 3_600_000;
const TOUCH_EVERY_MILLIS = 300_000;

export class WorkArea implements Disposable {
  readonly #folder: string;
  readonly #inUse = new Set<string>();
  #cleaned: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(root: string) {
    this.#folder = join(root, 'work');
  }

  /** A path for a new file; the caller writes it and renames, links or removes it soon. */
  async filePath(): Promise<string> {
    await this.#prepare();
    return join(this.#folder, `put-${randomUUID()}`);
  }

  async makeFolder(): Promise<string> {
    await this.#prepare();
    const path = join(this.#folder, `folder-${randomUUID()}`);
    await mkdir(path);
    this.#inUse.add(path);
    this.#timer ??= setInterval(() => void this.#touch(), TOUCH_EVERY_MILLIS).unref();
    return path;
  }

  /** Returns how much was left behind. */
  removeAbandoned(untouchedSinceMillis: number, isDry: boolean): Promise<number> {
    return removeAbandoned(this.#folder, untouchedSinceMillis, isDry);
  }

  async #prepare(): Promise<void> {
    await makeFolders(this.#folder);
    this.#cleaned ??= removeAbandoned(this.#folder, Date.now() - ABANDONED_AFTER_MILLIS, false).then(() => undefined);
    await this.#cleaned;
  }

  async #touch(): Promise<void> {
    const now = new Date();
    for (const path of this.#inUse) await utimes(path, now, now).catch(() => this.#inUse.delete(path));
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#inUse.clear();
  }
}

/** Never fails: what cannot be looked at or removed stays for the next time. */
async function removeAbandoned(folder: string, beforeMillis: number, isDry: boolean): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let found = 0;
  for (const name of names.filter((name) => OURS.test(name))) {
    const path = join(folder, name);
    if ((await newestChange(path)) >= beforeMillis) continue;
    found += 1;
    if (!isDry) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
  return found;
}

/** The newest modification of a file, or of anything in a folder; Infinity where it cannot be told. */
async function newestChange(path: string): Promise<number> {
  try {
    const stats = await lstat(path);
    if (!stats.isDirectory()) return stats.mtimeMs;
    const inside = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
    return Math.max(stats.mtimeMs, ...inside);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
