// SourceFiles on the local file system.
import type { BigIntStats } from 'node:fs';
import { glob, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import { compareBytes } from '../byte-order.ts';
import { errorCode, isAbsent } from '../disk-failure.ts';
import { fileUri } from '../location.ts';
import type { SourceFile, SourceFiles } from '../source-files.ts';
import { fileIdentity } from './identity.ts';

const MAGIC = /[*?[\]{}!()]/;
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

export class FileSourceFiles implements SourceFiles {
  readonly #folder: string;

  /** `folder`: absolute path of the project folder, where relative paths start. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(path: string): Promise<readonly SourceFile[]> {
    requireLocal(path);
    const found = new Map<string, SourceFile>();
    for (const match of await this.#matches(path)) {
      const file = await this.#sourceFile(match, this.#listed(match, isAbsolute(path)));
      if (file !== null) found.set(file.path, file);
    }
    return [...found.values()].sort((left, right) => compareBytes(left.path, right.path));
  }

  async explainEmpty(path: string): Promise<string> {
    requireLocal(path);
    const stats = await statOrNull(this.#absolute(path), path);
    if (stats?.isDirectory()) {
      const base = path.replace(/\/+$/, '');
      return `found the folder ${path}, expected a file or a glob such as ${base}/*.parquet`;
    }
    if (stats !== null) return `found ${path}, which is no regular file`;
    const folder = literalFolder(path);
    const above = await statOrNull(this.#absolute(folder), folder);
    if (above === null)
      return `the folder ${folder} does not exist (relative paths start at the folder of the project file)`;
    return MAGIC.test(path) ? `no file matches ${path}` : `there is no file ${path}`;
  }

  /** A file of exactly that name comes first: its name may hold `[` or `{`. */
  async #matches(path: string): Promise<readonly string[]> {
    const absolute = this.#absolute(path);
    if (!MAGIC.test(path) || (await statOrNull(absolute, path))?.isFile()) return [absolute];
    const matches = await Array.fromAsync(glob(path, { cwd: this.#folder }));
    return matches.map((match) => this.#absolute(match));
  }

  async #sourceFile(absolute: string, path: string): Promise<SourceFile | null> {
    const stats = await statOrNull(absolute, path);
    if (!stats?.isFile()) return null;
    const uri = fileUri(await realpath(absolute));
    return { path, uri, sizeBytes: Number(stats.size), identity: fileIdentity(stats) };
  }

  #listed(absolute: string, writtenAbsolute: boolean): string {
    const path = relative(this.#folder, absolute).split(sep).join('/');
    return writtenAbsolute && path.startsWith('../') ? absolute : path;
  }

  #absolute(path: string): string {
    return resolve(this.#folder, path);
  }
}

function requireLocal(path: string): void {
  const scheme = SCHEME.exec(path)?.[1];
  if (scheme === undefined) return;
  const message = `found the source path ${path}, expected a local file or glob: ${scheme}:// is not read yet`;
  throw new PlumbError('NOT_SUPPORTED', message, { details: { path } });
}

/** `data/2026-*\/x.csv` → `data`: what stands before the first wildcard, and at least one level up. */
function literalFolder(path: string): string {
  const segments = path.split('/');
  const magic = segments.findIndex((segment) => MAGIC.test(segment));
  const folder = segments.slice(0, magic === -1 ? -1 : magic).join('/');
  return folder === '' ? (isAbsolute(path) ? '/' : '.') : folder;
}

async function statOrNull(absolute: string, path: string): Promise<BigIntStats | null> {
  try {
    return await stat(absolute, { bigint: true });
  } catch (cause) {
    if (isAbsent(cause)) return null;
    const message = `the source file ${path} cannot be looked at (${errorCode(cause) ?? 'unknown error'})`;
    throw new PlumbError('SOURCE_MISMATCH', message, { details: { path }, cause });
  }
}
