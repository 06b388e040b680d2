// One locked-down DuckDB instance for one piece of work. It can read the named files and folders and nothing else; no
// extension can be loaded and no setting changed, whatever an expression says. Instants are UTC.

import { randomUUID } from 'node:crypto';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import { PlumbError } from '../../../schemas/errors.ts';
import { throwIfCancelled } from '../../cancelled.ts';
import { pathPattern, text } from '../../sql/duckdb/names.ts';
import { engineFailure } from './engine-failure.ts';
import { explainParquetFailure } from './parquet-failure.ts';
import { explainTextFailure } from './text/text-failure.ts';

export interface EngineLimits {
  /** Bytes; null: half of the machine's memory. */
  readonly memoryBytes: number | null;
  /** null: all cores. */
  readonly threads: number | null;
  /** Where data spills; absent: the first folder of the session. */
  readonly spillFolder?: string | null;
  /** See DuckdbContext; default 128. */
  readonly pairsPerRow?: number;
}

export interface SessionOptions extends EngineLimits {
  /** Files it may read. */
  readonly files: readonly string[];
  /** Of those, what others wrote: where a statement fails for what they hold, that is looked for and told. */
  readonly foreign?: readonly string[];
  /** Folders it may read and write; the first one takes spilled data; none: nothing is spilled. */
  readonly folders: readonly string[];
  readonly signal?: AbortSignal;
}

/** What the engine takes at once. */
const CHUNK_ROWS = 2048;

export class DuckdbSession implements AsyncDisposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #foreign: readonly string[];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    { foreign = [], signal }: SessionOptions,
  ) {
    this.#foreign = foreign;
    this.#instance = instance;
    this.#connection = connection;
    this.#signal = signal;
    this.#onAbort = () => connection.interrupt();
    signal?.addEventListener('abort', this.#onAbort);
  }

  static async open(options: SessionOptions): Promise<DuckdbSession> {
    const memoryBytes = options.memoryBytes ?? Math.floor(totalmem() / 2);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.max(64, Math.floor(memoryBytes / 2 ** 20))}MiB`,
      ...(options.threads === null ? {} : { threads: String(options.threads) }),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    const connection = await instance.connect();
    const session = new DuckdbSession(instance, connection, options);
    try {
      await session.#lockDown(options);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The order is fixed: directories, then no external access, then no more settings. */
  async #lockDown({ files, folders, spillFolder }: SessionOptions): Promise<void> {
    const spill = spillFolder ?? folders[0];
    const list = (paths: readonly string[]): string =>
      `[${[...new Set([...paths, ...paths.map(pathPattern)])].map(text).join(', ')}]`;
    await this.run("SET TimeZone = 'UTC'");
    await this.run('SET enable_progress_bar = true');
    await this.run('SET enable_progress_bar_print = false');
    await this.run(`SET temp_directory = ${text(spill === undefined ? '' : join(spill, `spill-${randomUUID()}`))}`);
    await this.run(`SET allowed_directories = ${list(folders)}`);
    await this.run(`SET allowed_paths = ${list(files)}`);
    await this.run('SET enable_external_access = false');
    await this.run('SET lock_configuration = true');
  }

  async run(sql: string): Promise<void> {
    await this.#guarded(sql, () => this.#connection.run(sql));
  }

  /** All rows, as JavaScript values by column name. */
  async rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    const reader = await this.#guarded(sql, () => this.#connection.runAndReadAll(sql));
    return reader.getRowObjectsJS() as Record<string, unknown>[];
  }

  async row(sql: string): Promise<Record<string, unknown>> {
    const row = (await this.rows(sql))[0];
    if (row === undefined)
      throw new PlumbError('INTERNAL', 'a query that must give a row gave none', { privateDetails: { sql } });
    return row;
  }

  async prepared(sql: string, parameters: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const reader = await this.#guarded(sql, () => this.#connection.runAndReadAll(sql, [...parameters]));
    return reader.getRowObjectsJS() as Record<string, unknown>[];
  }

  /** The rows of a query, a chunk at a time. The engine makes the next chunk in a thread of its own while one is used. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk, void, undefined> {
    const result = await this.#guarded(sql, () => this.#connection.stream(sql));
    let next = result.fetchChunk();
    try {
      for (;;) {
        const chunk = await next;
        if (chunk === null || chunk.rowCount === 0) return;
        next = result.fetchChunk();
        next.catch(() => undefined);
        yield chunk;
      }
    } finally {
      // The session is not closed under a read.
      await next.catch(() => undefined);
    }
  }

  /** Rows, by column, to the end of a temporary table whose columns are of these values' types. */
  async append(table: string, columns: readonly (readonly DuckDBValue[])[]): Promise<void> {
    this.#throwIfAborted();
    const appender = await this.#connection.createAppender(table, 'main', 'temp');
    const types = columns.map((_, i) => appender.columnType(i));
    const rowCount = columns[0]?.length ?? 0;
    for (let first = 0; first < rowCount; first += CHUNK_ROWS) {
      const chunk = DuckDBDataChunk.create(types);
      chunk.setColumns(columns.map((column) => column.slice(first, first + CHUNK_ROWS)));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Like `run`; tells the share that is done, 0 to 1, about twice a second. */
  async runWatched(sql: string, onShare: (share: number) => void): Promise<void> {
    const timer = setInterval(() => {
      const { percentage } = this.#connection.progress;
      if (percentage >= 0) onShare(percentage / 100);
    }, 500);
    try {
      await this.run(sql);
    } finally {
      clearInterval(timer);
    }
  }

  async #guarded<T>(sql: string, work: () => Promise<T>): Promise<T> {
    this.#throwIfAborted();
    try {
      return await work();
    } catch (error) {
      this.#throwIfAborted();
      const explained = await this.#explained(error, sql);
      this.#throwIfAborted();
      throw explained;
    }
  }

  async #explained(error: unknown, sql: string): Promise<PlumbError> {
    const query = async (other: string) => (await this.#connection.runAndReadAll(other)).getRowObjectsJS();
    const failed = { sql, files: this.#foreign, query };
    return (
      (await explainTextFailure(error)) ?? (await explainParquetFailure(error, failed)) ?? engineFailure(error, sql)
    );
  }

  #throwIfAborted(): void {
    throwIfCancelled(this.#signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
