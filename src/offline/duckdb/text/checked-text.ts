// CSV and JSON Lines files of a source, looked at before the engine reads them: their encoding, their compression and the
// header of each. What the engine would read as no rows, or fail at in its own words, is refused here.
import { stat } from 'node:fs/promises';
import { PlumbError } from '../../../../schemas/errors.ts';
import { DEFAULT_DIALECT, type Source } from '../../../catalog/catalog.ts';
import { nearestName, oneOf } from '../../../nearest.ts';
import type { Compression, ScannedFiles } from '../../../sql/duckdb/scan.ts';
import { parseHeader } from '../csv-header.ts';
import type { LocalFile } from '../local-jobs.ts';
import { findOtherBytes } from './csv-mistakes.ts';
import { compressionOf, openText, readTextHead } from './text-file.ts';
import { isUtf8Stream } from './utf8.ts';

type File = Pick<LocalFile, 'path' | 'localPath'>;

/** Bytes of a file that are looked at: the longest header, and enough to know an encoding by. */
const HEAD_BYTES = 1 << 20;

/** A file of no bytes has no rows, and no header to check. */
export async function textFiles(source: Source, files: readonly File[]): Promise<ScannedFiles> {
  const headers = new Map<string, readonly string[]>();
  const compressions = new Map<string, Compression>();
  for (const file of files) {
    const head = await textHead(source, file);
    if (head === null) continue;
    const header = source.format === 'csv' ? checkedHeader(source, file.path, head) : [];
    await requireWhole(file, source);
    headers.set(file.localPath, header);
    compressions.set(file.localPath, compressionOf(file.path));
  }
  return { paths: [...headers.keys()], physical: new Map(), headers, compressions };
}

/** Null for a file without text. */
export async function textHead(source: Pick<Source, 'format'>, { path, localPath }: File): Promise<string | null> {
  if ((await stat(localPath)).size === 0) return null;
  const compression = compressionOf(path);
  if (compression !== 'none') await requirePacked(path, localPath, compression);
  const head = await unpackedHead(path, localPath, compression);
  refuseOtherEncodings(path, head, source.format);
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  return text === '' ? null : text;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

async function requirePacked(path: string, localPath: string, compression: 'gzip' | 'zstd'): Promise<void> {
  const head = await readTextHead(localPath, { compression: 'none', sizeBytes: 4 });
  if (head.indexOf(compression === 'gzip' ? GZIP : ZSTD) === 0) return;
  throw mismatch(`${path}: found no ${compression} data, expected it by the file's ending; rename the file`);
}

async function unpackedHead(path: string, localPath: string, compression: Compression): Promise<Buffer> {
  try {
    return await readTextHead(localPath, { compression, sizeBytes: HEAD_BYTES });
  } catch (error) {
    throw compression === 'none' ? error : damaged(path, error);
  }
}

/**
 * The engine takes the end of compressed data that was cut off for the end of the rows, and may break down at CSV that is
 * not UTF-8, so each file is read once before.
 */
async function requireWhole({ path, localPath }: File, { format, csv }: Source): Promise<void> {
  const compression = compressionOf(path);
  if (compression === 'none' && format !== 'csv') return;
  const isText = await isUtf8Stream(openText(localPath, compression)).catch((error: unknown) => {
    throw compression === 'none' ? error : damaged(path, error);
  });
  if (isText || format !== 'csv') return;
  const found = await findOtherBytes(localPath, csv?.delimiter ?? ',');
  if (found !== null) throw mismatch(`${path}, line ${found.line}, field ${found.field}: ${found.words}`);
}

const damaged = (path: string, cause: unknown): PlumbError =>
  mismatch(`${path}: its ${compressionOf(path)} data is damaged or cut off; write the file again`, cause);

const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

function refuseOtherEncodings(path: string, head: Buffer, format: Source['format']): void {
  const ending = format === 'csv' ? '.csv' : '.jsonl';
  if (head.indexOf(GZIP) === 0)
    throw mismatch(`${path}: found gzip data, expected text; name the file ${ending}.gz, and it is read`);
  if (head.indexOf(ZSTD) === 0)
    throw mismatch(`${path}: found zstd data, expected text; name the file ${ending}.zst, and it is read`);
  if (UTF16_MARKS.some((mark) => head.indexOf(mark) === 0))
    throw mismatch(`${path}, line 1: found UTF-16 text, expected UTF-8; convert the file`);
  if (head.indexOf('PAR1') === 0) throw mismatch(`${path}: found a Parquet file, expected ${format}`);
  const nul = head.indexOf(0);
  if (nul !== -1)
    throw mismatch(
      `${path}, line ${lineAt(head, nul)}: found a NUL byte, expected UTF-8 text (UTF-16 has such bytes); convert the file`,
    );
  if (format === 'jsonl' && head.indexOf('\uFEFF') === 0)
    throw mismatch(`${path}, line 1: found a byte order mark, expected JSON; save the file without it`);
}

const lineAt = (bytes: Buffer, end: number): number => bytes.subarray(0, end).toString('latin1').split('\n').length;

/** The names of a file's fields, in order. */
export function headerOf(
  { csv = DEFAULT_DIALECT }: Pick<Source, 'csv'>,
  path: string,
  head: string,
): readonly string[] {
  return csv.header === true ? parseHeader(head, path, csv.delimiter) : csv.header;
}

function checkedHeader(source: Source, path: string, head: string): readonly string[] {
  const header = headerOf(source, path, head);
  if (header.some((name) => name.includes('\uFFFD')))
    throw mismatch(`${path}, line 1: the header is not UTF-8 (Latin-1?); convert the file to UTF-8`);
  for (const name of source.columns.keys()) {
    const place = header.indexOf(name);
    if (place === -1) throw missing(source, path, { name, header });
    if (header.indexOf(name, place + 1) !== -1)
      throw mismatch(`source ${source.name}: the header of ${path} has the column ${name} twice`);
  }
  return header;
}

function missing(
  { name: source, csv }: Source,
  path: string,
  { name, header }: { readonly name: string; readonly header: readonly string[] },
): PlumbError {
  const nearest = nearestName(name, header);
  const delimiter = csv?.delimiter ?? ',';
  const other = [';', '\t', '|', ','].find((candidate) => candidate !== delimiter && header[0]?.includes(candidate));
  const hint =
    nearest !== null
      ? `; was ${nearest} meant?`
      : header.length === 1 && other !== undefined
        ? `; is the delimiter ${JSON.stringify(other)}? declare it`
        : '';
  return new PlumbError(
    'SOURCE_MISMATCH',
    `source ${source}: ${path} has no column ${name}; it has ${oneOf(header)}${hint}`,
    {
      details: { source, file: path, column: name },
    },
  );
}

const mismatch = (message: string, cause?: unknown): PlumbError =>
  new PlumbError('SOURCE_MISMATCH', message, { cause });
