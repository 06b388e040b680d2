// `labels.columns` of a request → a file of JSON lines. Cells are written as they came, with all digits of integers.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Json } from '../../lossless-json.ts';
import { diskFailure } from '../../storage/disk-failure.ts';

export type LabelColumns = Readonly<Record<string, readonly Json[]>>;

/** The number of labels; INVALID_REQUEST where columns differ in length, TOO_LARGE beyond `maxRows`. */
export function requireEqualLengths(columns: LabelColumns, maxRows: number): number {
  const [[firstName, first] = ['', []], ...others] = Object.entries(columns);
  for (const [name, values] of others) {
    if (values.length === first.length) continue;
    const path = `$.labels.columns.${name}`;
    const message = `${path}: found ${values.length} values, expected ${first.length} as in ${firstName}`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { path } });
  }
  if (first.length <= maxRows) return first.length;
  const path = '$.labels.columns';
  const message = `${path}: found ${first.length} labels, expected at most ${maxRows}; upload them as an Arrow IPC stream`;
  throw new PlumbError('TOO_LARGE', message, { details: { path, limit: 'labelRows', maxRows } });
}

/** TOO_LARGE beyond `mostBytes`. */
export async function writeInlineLabels(columns: LabelColumns, path: string, mostBytes: number): Promise<void> {
  try {
    await pipeline(Readable.from(slicesOf(columns, mostBytes)), createWriteStream(path));
  } catch (cause) {
    if (cause instanceof PlumbError) throw cause;
    throw diskFailure(cause, 'storage', 'writing labels');
  }
}

/** A slice is written in well under a millisecond. */
const SLICE_CHARACTERS = 2 ** 16;

/** In slices, so that lookups are answered between them. Each row repeats the names, which may make much of a little. */
async function* slicesOf(columns: LabelColumns, mostBytes: number): AsyncGenerator<string> {
  const named = Object.entries(columns).map(([name, values]) => [`${JSON.stringify(name)}:`, values] as const);
  const rows = named[0]?.[1].length ?? 0;
  let [text, leftBytes] = ['', mostBytes];
  for (let row = 0; row < rows; row++) {
    text += `{${named.map(([name, values]) => name + jsonText(values[row] as Json)).join(',')}}\n`;
    if (text.length < SLICE_CHARACTERS && row < rows - 1) continue;
    leftBytes -= Buffer.byteLength(text);
    if (leftBytes < 0) throw tooMuch(mostBytes);
    yield text;
    text = '';
    await new Promise(setImmediate);
  }
}

function tooMuch(labelDecompressedBytes: number): PlumbError {
  const message = `$.labels.columns: found labels that take more than ${labelDecompressedBytes} bytes with the names of their columns in each row (server.limits.labelDecompressedBytes); upload them as an Arrow IPC stream`;
  return new PlumbError('TOO_LARGE', message, { details: { limit: 'labelDecompressedBytes', labelDecompressedBytes } });
}

/** `JSON.rawJSON` is in Node 24 but not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };
const keepDigits = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' || typeof value === 'number' ? rawJSON(numberText(value)) : value;

/** A double beyond ±(2^53 - 1) stays one, and is never taken for an integer: it may stand for many. */
const numberText = (value: bigint | number): string =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? (value as number).toExponential() : String(value);

const jsonText = (value: Json): string =>
  typeof value === 'bigint' || typeof value === 'number' ? numberText(value) : JSON.stringify(value, keepDigits);
