// The entities of a lookup: objects on the command line, or JSON Lines in a file or on stdin.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PlumbError } from '../../../schemas/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../lossless-json.ts';
import { shorten } from '../../quote.ts';
import type { Io } from '../io.ts';

export interface EntityOptions {
  readonly entity?: readonly string[];
  /** A path, or `-` for stdin. */
  readonly entities?: string;
}

export async function readEntities({ entity, entities }: EntityOptions, io: Io): Promise<readonly JsonObject[]> {
  if (entity !== undefined) return entity.map((text) => parseEntity(text, '--entity'));
  if (entities === undefined)
    throw new PlumbError('INVALID_REQUEST', 'found no entities, expected --entity or --entities');
  const name = entities === '-' ? 'stdin' : entities;
  const lines = (entities === '-' ? await io.stdin() : await readText(entities, io.cwd)).split('\n');
  const found = lines.flatMap((line, i) => (line.trim() === '' ? [] : [parseEntity(line, `${name}, line ${i + 1}`)]));
  if (found.length > 0) return found;
  throw new PlumbError('INVALID_REQUEST', `${name}: found no entities, expected one JSON object per line`);
}

async function readText(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    throw new PlumbError('INVALID_REQUEST', `--entities: cannot read ${path}: ${why}`, { cause });
  }
}

function parseEntity(text: string, place: string): JsonObject {
  const entity = parseJson(text, `${place}: ${shorten(text)}`);
  if (isJsonObject(entity)) return entity;
  throw new PlumbError(
    'INVALID_REQUEST',
    `${place}: found ${shorten(text)}, expected an object such as {"user_id": 1}`,
  );
}
