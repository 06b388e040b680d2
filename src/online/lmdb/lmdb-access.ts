// An open LMDB folder as the parts of the store share it: transactions, with the folder watched and errors told.
import { FolderWatch } from './folder-watch.ts';
import { lmdbFailure } from './lmdb-failure.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

/** LMDB's flags of a transaction. Never MDB_NOMETASYNC: with it a commit was lost now and then while several processes opened the folder. */
const ABORTABLE = 1;
const COMMIT_BEFORE_RETURNING = 2;

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
    this.#watch.requireBeforeWrite();
    try {
      return this.#database.transactionSync(() => write(this.#database), ABORTABLE | COMMIT_BEFORE_RETURNING);
    } catch (error) {
      throw lmdbFailure(error, this.#folder);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }
}

export const keysBetween = (
  database: LmdbDatabase,
  start: Buffer,
  end: Buffer,
  limit = Number.MAX_SAFE_INTEGER,
): Iterable<Uint8Array> => database.getKeys({ start, end, limit });
