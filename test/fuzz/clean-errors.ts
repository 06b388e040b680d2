// What an error may say: a mistake of the client's kind, in plain words, without the engine's.
import { type ErrorCode, PlumbError } from '../../schemas/errors.ts';

const ALLOWED: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'INVALID_DEFINITION',
  'INVALID_LABELS',
  'SOURCE_MISMATCH',
  'INVALID_VALUE',
  'TOO_LARGE',
  'NOT_SUPPORTED',
];

const ENGINE_WORDS =
  /duckdb|\b(binder|conversion|catalog|parser|io|internal|out of range|invalid input|invalid) error\b|read_(parquet|csv|json)\b|hive|parquet-wasm|thrift|panicked|RuntimeError|unreachable|node_modules|\.ts:\d|\bSELECT |TypeError|RangeError|Cannot read prop|undefined|\[object|candidate|sniff|ignore_errors|try_cast|TRY_CAST/i;

/** Undefined where the error is a clear one. */
export function faultOfError(error: unknown): string | undefined {
  if (!(error instanceof PlumbError)) return `no PlumbError: ${error instanceof Error ? error.stack : String(error)}`;
  return faultOfMessage(error.code, error.message);
}

export function faultOfMessage(code: string, message: string): string | undefined {
  if (!ALLOWED.includes(code as ErrorCode)) return `${code} is no mistake of the client: ${message.slice(0, 500)}`;
  const words = engineWords(message);
  if (words !== undefined) return `the engine's words "${words}" in ${code}: ${message.slice(0, 500)}`;
  return undefined;
}

/** Where the engine points at a statement; our own places are in small letters. */
const ENGINE_PLACE = /\bLINE \d/;

export const engineWords = (text: string): string | undefined =>
  (ENGINE_WORDS.exec(text) ?? ENGINE_PLACE.exec(text))?.[0];
