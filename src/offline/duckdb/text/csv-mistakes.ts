// Mistakes in CSV files that the engine cannot place.
import { isUtf8 } from 'node:buffer';
import { type TextLine, textLines } from './text-lines.ts';

export interface Found {
  readonly line: number;
  /** From 1. */
  readonly field?: number;
  readonly words: string;
}

export async function findOtherBytes(file: string, delimiter: string): Promise<Found | null> {
  for await (const { number, bytes } of textLines(file)) {
    if (isUtf8(bytes)) continue;
    const before = bytes.toString('utf8').split('\uFFFD', 1)[0] ?? '';
    const byte = bytes[Buffer.byteLength(before)] ?? 0;
    const field = before.replaceAll(/"[^"]*("|$)/g, '').split(delimiter).length;
    const found = `found the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return { line: number, field, words: `${found}, expected UTF-8 text (is the file Latin-1?); convert the file` };
  }
  return null;
}

type LineEnd = 'CRLF' | 'LF';

/** The first line that ends in another way than the first one; line ends inside quotes are text. */
export async function findMixedLineEnds(file: string): Promise<Found | null> {
  let isQuoted = false;
  let first: LineEnd | null = null;
  for await (const line of textLines(file)) {
    if (quotes(line) % 2 === 1) isQuoted = !isQuoted;
    if (isQuoted) continue;
    const end: LineEnd = line.bytes.at(-1) === 13 ? 'CRLF' : 'LF';
    first ??= end;
    if (end === first) continue;
    const words = `found the line end ${end}, expected ${first} as in the lines before; write the file with one kind of line end`;
    return { line: line.number, words };
  }
  return null;
}

function quotes({ bytes }: TextLine): number {
  let count = 0;
  for (let at = bytes.indexOf(34); at !== -1; at = bytes.indexOf(34, at + 1)) count += 1;
  return count;
}
