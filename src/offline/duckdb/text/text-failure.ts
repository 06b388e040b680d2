// The engine failed at a text file: what is wrong with it, in our words, with file and line. The file is read again, to
// find what the engine's message does not say; that costs time only where a command fails anyway.
import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { PlumbError } from '../../../../schemas/errors.ts';
import { type Found, findMixedLineEnds, findOtherBytes } from './csv-mistakes.ts';
import { type TextLine, textLines } from './text-lines.ts';

interface TextFailure {
  readonly file: string;
  /** As the engine counts; null where it does not know. */
  readonly line: number | null;
  readonly delimiter: string;
  readonly what: 'encoding' | 'fields' | 'quotes' | 'json' | 'long line' | 'compression' | 'csv';
  readonly fields: readonly string[];
}

/** Null for any other failure. */
export function textFailureOf(words: string): TextFailure | null {
  const message = words.replace(/^Original Line: .*$/m, '');
  const file = /^\s*file ?= ?(.+)$/m.exec(message)?.[1]?.trim() ?? /in(?: file|) "([^"]+)"/.exec(message)?.[1];
  const what = kindOf(message);
  if (what === null) return null;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const [, expected = '', found = ''] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? [];
  const delimiter = /^\s*delimiter = (.+) \(/m.exec(message)?.[1] ?? ',';
  return {
    file: file ?? '',
    line: line === undefined ? null : Number(line),
    delimiter,
    what,
    fields: [found, expected],
  };
}

function kindOf(message: string): TextFailure['what'] | null {
  if (/maximum_object_size/.test(message)) return 'long line';
  if (/maximum.{0,20}line size/i.test(message)) return 'long line';
  if (/Malformed JSON/.test(message)) return 'json';
  if (
    /(gzip|gz|zstd|decompress)[^\n]*(stream|header|corrupt|fail|error|code)|(fail|unable)[^\n]*(decode|gzip|decompress)/i.test(
      message,
    )
  )
    return 'compression';
  if (!/CSV Error|CSV Parser/.test(message)) return null;
  if (/not utf-8/i.test(message)) return 'encoding';
  if (/Expected Number of Columns/.test(message)) return 'fields';
  return /unterminated quote|quote/i.test(message.split('Possible fixes')[0] ?? '') ? 'quotes' : 'csv';
}

/** By the message alone. */
export function textFailure(failure: TextFailure, cause: unknown): PlumbError {
  const { what, fields } = failure;
  const words: Readonly<Record<TextFailure['what'], string>> = {
    encoding: 'found bytes that are not UTF-8, expected UTF-8 text; convert the file',
    fields: `found ${fields[0]} ${fields[0] === '1' ? 'field' : 'fields'}, expected ${fields[1]}; a field that has a delimiter needs quotes`,
    quotes: 'found quotes that are not closed, or text after them; expected "…" with quotes inside doubled',
    json: 'found text that is not JSON, expected one JSON object on each line',
    'long line':
      'found a line or an object that is longer than the reader takes (JSON: 64 MiB, CSV: 2 MB); expected shorter ones',
    compression: 'found damaged or cut off compressed data; write the file again',
    csv: 'found text that is not CSV as declared; see "CSV files" in the reference of definitions',
  };
  return mistake(failure, { line: failure.line, words: words[what] }, cause);
}

type Mistake = Pick<Found, 'field' | 'words'> & { readonly line: number | null };

function mistake({ file }: Pick<TextFailure, 'file'>, { line, field, words }: Mistake, cause: unknown): PlumbError {
  const place = [
    ...(file === '' ? [] : [basename(file)]),
    ...(line === null ? [] : [`line ${line}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ].join(', ');
  return new PlumbError('SOURCE_MISMATCH', `${place === '' ? '' : `${place}: `}${words}`, { cause });
}

/** Like `textFailure`, after a second look at the file; null where the failure is none of a text file. */
export async function explainTextFailure(cause: unknown): Promise<PlumbError | null> {
  const failure = cause instanceof Error ? textFailureOf(cause.message) : null;
  if (failure === null) return null;
  try {
    return await seenAgain(failure, cause);
  } catch {
    return textFailure(failure, cause);
  }
}

async function seenAgain(failure: TextFailure, cause: unknown): Promise<PlumbError> {
  const { file, what, delimiter, line } = failure;
  const found =
    what === 'json'
      ? await findOtherThanJson(file)
      : what === 'encoding'
        ? await findOtherBytes(file, delimiter)
        : what === 'compression' || what === 'long line'
          ? null
          : await findMixedLineEnds(file);
  const isFirst = found !== null && (line === null || what === 'encoding' || found.line <= line);
  return isFirst ? mistake(failure, found, cause) : textFailure(failure, cause);
}

async function findOtherThanJson(file: string): Promise<Found | null> {
  for await (const line of textLines(file)) {
    if (!isUtf8(line.bytes))
      return { line: line.number, words: 'found bytes that are not UTF-8, expected UTF-8 text (is the file Latin-1?)' };
    if (hasHalfPair(line)) {
      const words = 'found an escape such as \\ud800, one half of a pair, expected text that UTF-8 can hold';
      return { line: line.number, words };
    }
    if (isJson(line)) continue;
    const found = JSON.stringify(line.bytes.toString('utf8').slice(0, 60));
    return { line: line.number, words: `found ${found}, expected one JSON object on each line` };
  }
  return null;
}

/** A surrogate alone, which JSON.parse takes and writes as an escape again. */
function hasHalfPair({ bytes }: TextLine): boolean {
  try {
    return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(JSON.parse(bytes.toString('utf8'))));
  } catch {
    return false;
  }
}

/** As the engine reads it: with NaN and Infinity. */
function isJson({ bytes }: TextLine): boolean {
  const text = bytes.toString('utf8').trim();
  if (text === '') return true;
  try {
    JSON.parse(text.replaceAll(/(?<=[:,[]\s*)-?(NaN|Infinity)(?=\s*[,\]}])/g, '0'));
    return true;
  } catch {
    return false;
  }
}
