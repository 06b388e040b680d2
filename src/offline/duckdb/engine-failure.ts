// DuckDB's errors → PlumbError, by whose fault they are.

import { basename } from 'node:path';
import type { ErrorCode } from '../../../schemas/errors.ts';
import { ERRORS, PlumbError } from '../../../schemas/errors.ts';
import { cancelled } from '../../cancelled.ts';
import { textFailure, textFailureOf } from './text/text-failure.ts';

const isCode = (code: string | undefined): code is ErrorCode => code !== undefined && code in ERRORS;

export function engineFailure(error: unknown, sql: string): PlumbError {
  if (error instanceof PlumbError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const ours = /PLUMB:([A-Z_]+):([^\n]*)/.exec(message);
  if (isCode(ours?.[1])) return new PlumbError(ours[1], ours[2] ?? message, { cause: error });
  if (/no space left|disk quota|max_temp_directory_size/i.test(message)) {
    return new PlumbError(
      'RESOURCE_EXHAUSTED',
      'no space left on the disk that holds the storage; free some and try again',
      { cause: error },
    );
  }
  if (/out of memory/i.test(message)) {
    return new PlumbError(
      'RESOURCE_EXHAUSTED',
      `the engine's memory limit was reached; raise engine.memoryLimit (${firstLine(message)})`,
      { cause: error, publicMessage: "the engine's memory limit was reached; raise engine.memoryLimit" },
    );
  }
  const inText = textFailureOf(message);
  if (inText !== null) return textFailure(inText, error);
  if (/Could not convert Timestamp\((MS|S)\)/.test(message)) {
    const found =
      'a Parquet column of instants in milliseconds holds one that microseconds do not reach (NaT is -2^63)';
    return new PlumbError('SOURCE_MISMATCH', `${found}; write a null instead, or the column in microseconds`, {
      cause: error,
    });
  }
  if (/INTERRUPT/.test(message)) return cancelled(error);
  return new PlumbError('ENGINE_FAILED', `the engine failed: ${firstLine(message)}`, {
    cause: error,
    privateDetails: { sql },
    publicMessage: 'the engine failed: the log of the server tells more',
  });
}

/** Between quotes a path may have blanks. */
const ABSOLUTE_PATH = /(?<=")\/[^"\n]+(?=")|(?<=')\/[^'\n]+(?=')|(?<![\w.:/])\/[^\s"',;]+/g;
const FILE = /^(\s*file ?= ?)(\/.+)$/gm;

/** In words for clients: files by their names alone. */
export const withoutFolders = (words: string): string =>
  words
    .replaceAll(FILE, (_line, label: string, path: string) => `${label}${basename(path)}`)
    .replaceAll(ABSOLUTE_PATH, (path) => basename(path));

const firstLine = (message: string): string => message.split('\n')[0] ?? message;
