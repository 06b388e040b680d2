// A text file line by line, as bytes, unpacked where it is compressed (a copy of an object has a name without ending).
import type { Compression } from '../../../sql/duckdb/scan.ts';
import { openText, readTextHead } from './text-file.ts';

export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** Without its LF. */
  readonly bytes: Buffer;
}

export async function* textLines(path: string): AsyncGenerator<TextLine> {
  let number = 0;
  let rest: Buffer[] = [];
  for await (const chunk of openText(path, await seenCompression(path)) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      number += 1;
      yield { number, bytes: Buffer.concat([...rest, chunk.subarray(start, end)]) };
      rest = [];
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield { number: number + 1, bytes: last };
}

async function seenCompression(path: string): Promise<Compression> {
  const head = (await readTextHead(path, { compression: 'none', sizeBytes: 4 })).toString('hex');
  if (head.startsWith('1f8b')) return 'gzip';
  return head === '28b52ffd' ? 'zstd' : 'none';
}
