// An open LMDB folder as the parts of the store share it: transactions, with the folder watched and errors told.
import { FolderWatch } from './folder-watch.ts';
import { lmdbFailure } from './lmdb-failure.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

/** LMDB's flags of a transaction. The last one: its pages are on disk before the root that names them, which may follow later. */
const ABORTABLE = 1;
const COMMIT_BEFORE_RETURNING = 2;
const MDB_NOMETASYNC = 0x40000;

export class LmdbAccess implements AsyncDisposable {
  readonly #database: LmdbDatabase;
  readonly #folder: string;
  readonly #watch: FolderWatch;

  constructor(database: LmdbDatabase, folder: string, onLost: () => void) {
    this.#database = database;
    this.#folder = folder;
    this.#watch = new FolderWatch(folder, onLost);
  }

  /** In a fresh snapshot, so that commits of other processes are seen. */
  read<T>(read: (database: LmdbDatabase) => T): T {
    this.#watch.requireBeforeRead();
    try {
      this.#database.resetReadTxn();
      return read(this.#database);
    } catch (error) {
      throw lmdbFailure(error, this.#folder);
    }
  }

  /** All or nothing: an error inside aborts the transaction. On disk when it returns. */
  write<T>(write: (database: LmdbDatabase) => T): T {
    return this.#transact(write, ABORTABLE | COMMIT_BEFORE_RETURNING);
  }

  /** The same, with one wait for the disk less: a crash of the machine may undo the last of them, and nothing before it. */
  writeInOrder<T>(write: (database: LmdbDatabase) => T): T {
    return this.#transact(write, ABORTABLE | COMMIT_BEFORE_RETURNING | MDB_NOMETASYNC);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  #transact<T>(write: (database: LmdbDatabase) => T, flags: number): T {
    this.#watch.requireBeforeWrite();
    try {
      return this.#database.transactionSync(() => write(this.#database), flags);
    } catch (error) {
      throw lmdbFailure(error, this.#folder);
    }
  }
}

export const keysBetween = (
  database: LmdbDatabase,
  start: Buffer,
  end: Buffer,
  limit = Number.MAX_SAFE_INTEGER,
): Iterable<Uint8Array> => database.getKeys({ start, end, limit });
