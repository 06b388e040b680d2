// Whether an open database is still the one that its path names. A folder that was removed or replaced stays readable for who
// has it open, for ever: rows would be served, and written, that nobody else sees.
import { type BigIntStats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PlumbError } from '../../../schemas/errors.ts';
import { lmdbError, placeOf } from './lmdb-failure.ts';

/** Of looks before reads: one costs some microseconds. Writes look each time. */
const LOOK_EVERY_MILLIS = 500;
const FILES = ['data.mdb', 'lock.mdb'];

export class FolderWatch {
  readonly #folder: string;
  readonly #identity: string | null | undefined;
  readonly #onLost: () => void;
  #lost: PlumbError | null = null;
  #lookedAtMillis: number;

  /** Of a database that is open, so that its inodes are not given to other files. */
  constructor(folder: string, onLost: () => void) {
    this.#folder = folder;
    this.#identity = identityOf(folder);
    this.#onLost = onLost;
    this.#lookedAtMillis = performance.now();
  }

  /** STORE_UNAVAILABLE once the folder is known to be another one; looks at most twice a second. */
  requireBeforeRead(): void {
    if (this.#lost === null && performance.now() - this.#lookedAtMillis < LOOK_EVERY_MILLIS) return;
    this.requireBeforeWrite();
  }

  /** The same, and looks now. `onLost` is called once. */
  requireBeforeWrite(): void {
    if (this.#lost === null) this.#look();
    if (this.#lost !== null) throw this.#lost;
  }

  #look(): void {
    this.#lookedAtMillis = performance.now();
    const found = identityOf(this.#folder);
    if (found === undefined || (found !== null && found === this.#identity)) return;
    const what = found === null ? `was removed: ${placeOf(this.#folder).ifRemoved}` : 'was replaced: it is opened anew';
    this.#lost = lmdbError('STORE_UNAVAILABLE', this.#folder, what);
    this.#onLost();
  }
}

/** null where there is none, undefined where that cannot be told. */
function identityOf(folder: string): string | null | undefined {
  try {
    return FILES.map((file) => inode(statSync(join(folder, file), { bigint: true }))).join(' ');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : undefined;
  }
}

const inode = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;
