// A file of events, row by row, as the objects that a request would have.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType } from '../../../schemas/types.ts';
import type { Source } from '../../catalog/catalog.ts';
import { exactNumber, isNumber } from '../../json-number.ts';
import { type Json, parseJson } from '../../lossless-json.ts';
import { nearestName, oneOf } from '../../nearest.ts';
import type { EventFile, EventRows } from '../../offline/event-rows.ts';
import { quote } from '../../quote.ts';

export const EVENT_FORMATS = ['csv', 'jsonl', 'parquet'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

export interface EventInput {
  readonly source: Source;
  /** Absolute; null: `text` is read. */
  readonly path: string | null;
  readonly text: () => Promise<string>;
  readonly format: EventFormat;
  readonly rows: EventRows;
  readonly signal: AbortSignal;
}

/** By the end of its name; INVALID_REQUEST where that says nothing. */
export function formatOf(file: string): EventFormat {
  const found = EVENT_FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));
  if (found !== undefined) return found;
  const message = `FILE: found ${quote(file)}, expected a name that ends in ${oneOf(EVENT_FORMATS.map((format) => `.${format}`))}, or --format`;
  throw new PlumbError('INVALID_REQUEST', message);
}

/** INVALID_REQUEST, with the line, for text that is no JSON; for a column that the source does not have, before the first event. */
export async function* readEvents(input: EventInput): AsyncGenerator<Json, void, undefined> {
  const { path, format, source, rows, signal } = input;
  if (path !== null) await requireReadable(path);
  if (format === 'jsonl') {
    yield* jsonLines(input);
    return;
  }
  if (path === null)
    throw new PlumbError('INVALID_REQUEST', `${format} is read from a file, and not from standard input`);
  const file: EventFile = { path, format, columns: source.columns, signal };
  requireColumns(source, await rows.columnsOf(file));
  for await (const some of rows.rowsOf(file))
    for (const row of some)
      yield Object.fromEntries(
        Object.entries(row).map(([name, text]) => [
          name,
          text === null ? null : typedValue(text, source.columns.get(name)),
        ]),
      );
}

async function requireReadable(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true) return;
  const what = found === null ? 'no file' : 'no regular file';
  throw new PlumbError('INVALID_REQUEST', `FILE: found ${what} at ${path}`, { details: { file: path } });
}

async function* jsonLines({ path, text }: EventInput): AsyncGenerator<Json, void, undefined> {
  const lines =
    path === null
      ? (await text()).split('\n')
      : createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() !== '') yield parseJson(line, `line ${number}`);
  }
}

function requireColumns(source: Source, names: readonly string[]): void {
  const unknown = names.find((name) => !source.columns.has(name));
  if (unknown === undefined) return;
  const columns = [...source.columns.keys()];
  const nearest = nearestName(unknown, columns);
  const meant = nearest === null ? '' : `; was ${nearest} meant?`;
  const message = `FILE: found the column ${quote(unknown)}, expected columns of source ${source.name}: ${oneOf(columns)}${meant}`;
  throw new PlumbError('INVALID_REQUEST', message, { details: { column: unknown } });
}

const NUMBERS: readonly DataType[] = ['int32', 'int64', 'float32', 'float64'];

/** What is not of the type stays text: it is refused as any other would be. */
function typedValue(text: string, type: DataType | undefined): Json {
  if (type === undefined || type === 'string' || type === 'bytes') return text;
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'timestamp') return text;
  if (NUMBERS.includes(type)) return isNumber(text) ? (exactNumber(text) ?? text) : text;
  return parseJson(text, 'a value');
}
