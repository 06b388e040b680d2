// The header line of a CSV file, read without guessing: double quotes, quotes doubled inside, UTF-8.
import { PlumbError } from '../../../schemas/errors.ts';
import { readTextHead } from './text/text-file.ts';

const LONGEST_HEADER_BYTES = 1 << 20;

/** Column names in order; empty for a file of no bytes. */
export async function readCsvHeader(path: string, delimiter = ','): Promise<readonly string[]> {
  const head = await readTextHead(path, { compression: 'none', sizeBytes: LONGEST_HEADER_BYTES });
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  return text === '' ? [] : parseHeader(text, path, delimiter);
}

export function parseHeader(text: string, path: string, delimiter = ','): readonly string[] {
  const between = delimiter.replace(/[\\^\]$.*+?()[{}|-]/, '\\$&');
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${between}\\r\\n]*))(${between}|\\r\\n|\\n|\\r|$)`, 'uy');
  const names: string[] = [];
  for (;;) {
    const [, quoted, plain = '', end] = field.exec(text) ?? [];
    if (end === undefined)
      throw new PlumbError(
        'SOURCE_MISMATCH',
        `${path}, line 1, field ${names.length + 1}: its quotes do not close, or text follows them; expected a CSV header`,
      );
    if (names.length === 0 && quoted === undefined && plain === '' && end !== delimiter)
      throw new PlumbError(
        'SOURCE_MISMATCH',
        `${path}, line 1: found an empty line, expected the names of the columns`,
      );
    names.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== delimiter) return names;
  }
}
