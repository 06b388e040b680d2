// A labels file of text, as it lies on disk → a file of UTF-8 text. Compressed files are known by their endings (.gz, .zst)
// and unpacked into the work folder, up to a limit.
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { diskFailure } from '../../../storage/disk-failure.ts';
import { invalid } from './columns.ts';

/** Most bytes of a labels file when it is unpacked. */
const UNPACKED_BYTES = 16 * 2 ** 30;

export interface TextLabels {
  readonly path: string;
  readonly name: string;
  readonly format: 'csv' | 'jsonl';
}

const PACKED = { '.gz': 'gzip', '.zst': 'zstd' } as const;
type Packing = (typeof PACKED)[keyof typeof PACKED];

export async function plainTextFile(labels: TextLabels, folder: string): Promise<string> {
  const { path, name, format } = labels;
  const declared: Packing | null = PACKED[extname(path).toLowerCase() as keyof typeof PACKED] ?? null;
  const found = packingOf(await firstBytes(path));
  if (found !== declared)
    throw invalid(
      `${name}: found ${found === null ? 'content that is not compressed' : `${found}-compressed content`}, expected ${declared === null ? 'text' : `${declared}, as its ending says`}; ${hint(found, format)}`,
    );
  const plain = declared === null ? path : join(folder, `unpacked-${basename(path, extname(path))}`);
  if (declared !== null) await unpack(labels, declared, plain);
  requireUtf8Start(name, await firstBytes(plain));
  return plain;
}

const hint = (found: Packing | null, format: string): string =>
  `name it .${format}${found === null ? '' : found === 'gzip' ? '.gz' : '.zst'}`;

async function firstBytes(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.subarray(0, bytesRead);
}

function packingOf(bytes: Buffer): Packing | null {
  const magic = bytes.toString('hex');
  if (magic.startsWith('1f8b')) return 'gzip';
  return magic === '28b52ffd' ? 'zstd' : null;
}

function requireUtf8Start(name: string, bytes: Buffer): void {
  const isUtf16 = /^(fffe|feff|00..|..00)/.test(bytes.toString('hex'));
  if (isUtf16) throw invalid(`${name}, line 1: found UTF-16 text, expected UTF-8; save the file as UTF-8`);
  if (bytes.toString('latin1') === 'PAR1')
    throw invalid(`${name}: found Parquet, expected text; give the file the ending .parquet`);
}

async function unpack({ path, name }: TextLabels, packing: Packing, target: string): Promise<void> {
  const unpacker = packing === 'gzip' ? createGunzip() : createZstdDecompress();
  let left = UNPACKED_BYTES;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      done(left < 0 ? invalid(`${name}: found more than 16 GiB when unpacked, expected less`) : null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(path), unpacker, limit, createWriteStream(target));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (/^(Z_|ZSTD_|ERR_ZSTD)/.test(code)) throw invalid(`${name}: the ${packing} content is damaged or cut off`);
    throw diskFailure(cause, 'storage', 'unpacking labels');
  }
}
