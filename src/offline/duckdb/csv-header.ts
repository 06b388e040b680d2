// The header line of a CSV file, read without guessing: comma, double quotes, quotes doubled inside, UTF-8.
import { open } from 'node:fs/promises';
import { PlumbError } from '../../../schemas/errors.ts';

const LONGEST_HEADER_BYTES = 1 << 20;
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/** Column names in order; empty for a file of no bytes. */
export async function readCsvHeader(path: string): Promise<readonly string[]> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_HEADER_BYTES), 0, LONGEST_HEADER_BYTES, 0);
  const text = buffer
    .subarray(0, bytesRead)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  return text === '' ? [] : parseHeader(text, path);
}

export function parseHeader(text: string, path: string): readonly string[] {
  const names: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const [, quoted, plain = '', end] = FIELD.exec(text) ?? [];
    if (end === undefined) throw new PlumbError('SOURCE_MISMATCH', `${path}: its first line is no CSV header`);
    names.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') return names;
  }
}

/** A name that is there twice, letter case aside; null where there is none. */
export const duplicateName = (names: readonly string[]): string | null =>
  names.find((name, i) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== i) ?? null;
