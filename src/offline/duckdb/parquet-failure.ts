// The engine failed at a statement that reads Parquet: which file is damaged, and where, in our words. The files are looked
// at again; that costs time only where a command fails anyway.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import { fileList, ident } from '../../sql/duckdb/names.ts';

/** Runs a statement; resolves to its rows. */
export type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

const READS_PARQUET = /\b(read_parquet|parquet_schema|parquet_metadata)\(/;
/** What has other causes than the bytes of a file. */
const OTHER_CAUSES = /PLUMB:|INTERRUPT|out of memory|no space left|max_temp_directory_size/i;

/** SOURCE_MISMATCH that names the file; null where each file of the statement can be read. */
export async function explainParquetFailure(
  cause: unknown,
  { sql, files, query }: { readonly sql: string; readonly files: readonly string[]; readonly query: Query },
): Promise<PlumbError | null> {
  if (!READS_PARQUET.test(sql) || OTHER_CAUSES.test(String(cause))) return null;
  for (const file of files) {
    if (!sql.includes(fileList([file]).slice(1, -1))) continue;
    const found = (await contentFault(file)) ?? (await readingFault(file, sql, query));
    if (found === UNKNOWN) return null;
    if (found !== null) return new PlumbError('SOURCE_MISMATCH', `${basename(file)}: ${found}`, { cause });
  }
  return null;
}

/** It could not be looked at. */
const UNKNOWN = Symbol('unknown');

const MAGIC = 'PAR1';

/** What can be told from the ends of a file. */
async function contentFault(path: string): Promise<string | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const start = buffer.subarray(0, Math.min(4, size));
  if (start.toString('latin1') !== MAGIC) return `found ${contentName(start)}, expected Parquet`;
  const end = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
  return end.buffer.toString('latin1') === MAGIC
    ? null
    : 'found a beginning of Parquet without its end, expected a whole file; write it again';
}

/** What a file holds that begins with these bytes, at most four, and is no Parquet. */
export function contentName(start: Buffer): string {
  if (start.length === 0) return 'an empty file';
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip-compressed content';
  if (start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528) return 'zstd-compressed content';
  return start.toString('latin1') === 'PARE' ? 'encrypted Parquet' : 'other content';
}

/** Of columns only those that the statement names, where it names any. */
async function readingFault(file: string, sql: string, query: Query): Promise<string | typeof UNKNOWN | null> {
  const from = `read_parquet(${fileList([file])}, hive_partitioning = false)`;
  const described = await failureOf(() => query(`DESCRIBE SELECT * FROM ${from}`));
  if (described.isOther) return UNKNOWN;
  if (described.words !== null) return 'found a damaged footer, expected sound Parquet; write the file again';
  const named = described.rows.filter(({ column_name }) => sql.includes(ident(String(column_name))));
  for (const { column_name, column_type } of named.length > 0 ? named : described.rows) {
    const name = ident(String(column_name));
    // A cast to text looks into each value, where hashing alone takes instants for numbers.
    const values = /DATE|TIMESTAMP/.test(String(column_type)) ? `CAST(${name} AS VARCHAR)` : name;
    const read = await failureOf(() => query(`SELECT max(hash(${values})) AS hash FROM ${from}`));
    if (read.isOther) return UNKNOWN;
    if (read.words !== null) return `column ${String(column_name)}: ${columnFault(read.words)}`;
  }
  return null;
}

function columnFault(words: string): string {
  if (/string encoding|UTF-?8/i.test(words))
    return 'found text that is not UTF-8, expected UTF-8; write it as bytes or anew';
  if (/Conversion Error|out of range|overflow/i.test(words))
    return 'found an instant that microseconds since 1970 do not reach; write a null instead';
  return 'found damaged data, expected sound Parquet; write the file again';
}

interface Read {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What the engine says of the file; null where it read it. */
  readonly words: string | null;
  /** It failed for another reason than what the file holds. */
  readonly isOther: boolean;
}

async function failureOf(work: () => ReturnType<Query>): Promise<Read> {
  try {
    return { rows: await work(), words: null, isOther: false };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { rows: [], words, isOther: OTHER_CAUSES.test(words) };
  }
}
