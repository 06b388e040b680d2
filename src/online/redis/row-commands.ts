// Reads and writes of rows as commands. Reads are one HGET or HMGET per entity, many in one write: measured against one script
// that reads all of them, it takes less time of Redis and of Node (docs/adr/0009-redis-layout-and-commands.md), and each
// command touches one key, so whatever spreads keys over servers can deal them out.
import { PlumbError } from '../../../schemas/errors.ts';
import type { EntityKey, FieldName, RowSelection, RowWrite, SelectedRows } from '../online-store.ts';
import type { Reply } from './command-batch.ts';
import { FIELD_ID_BYTES, fieldId, KIND, RECORD_HEADER_BYTES, rowOfRecord, tokenBytes } from './redis-layout.ts';
import { WRITE_ROWS } from './redis-scripts.ts';
import { encodeBulk, type KeyFrame, keyFrame, type RespWriter } from './resp-writer.ts';

const KEY_OVERHEAD_BYTES = 48;
const FIELD_BYTES = encodeBulk(Buffer.alloc(FIELD_ID_BYTES)).length;

/** What stands for a name in Redis, ready to be sent. It follows from the name alone, so it cannot go stale. */
export class EncodedNames {
  readonly #known = new Map<string, Buffer>();
  readonly #bytesOf: (name: string) => Buffer;

  constructor(bytesOf: (name: string) => Buffer) {
    this.#bytesOf = bytesOf;
  }

  get(name: string): Buffer {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const encoded = encodeBulk(this.#bytesOf(name));
    if (this.#known.size >= MOST_NAMES) this.#known.clear();
    this.#known.set(name, encoded);
    return encoded;
  }
}

const MOST_NAMES = 10_000;

export const encodedFieldIds = (): EncodedNames => new EncodedNames(fieldId);

export const readingSizeBytes = (prefix: Buffer, { entities, fields }: RowSelection): number =>
  entities.reduce((sum, { length }) => sum + length, 0) +
  entities.length * (prefix.length + KEY_OVERHEAD_BYTES + fields.length * FIELD_BYTES);

/** The command that reads these fields of an entity, whose key is all that varies. */
export function readingFrame(prefix: Buffer, fields: readonly FieldName[], ids: EncodedNames): KeyFrame {
  const encoded = fields.map((field) => ids.get(field));
  // Its reply is a row, where that of HMGET is a list with a row in it, which takes twice as long to decode.
  return keyFrame(fields.length === 1 ? 'HGET' : 'HMGET', prefix, encoded);
}

/** One command per entity, in order. Nothing where no field is asked for. */
export function addReading(out: RespWriter, { entities, fields }: RowSelection, frame: KeyFrame): void {
  if (fields.length === 0) return;
  for (const entity of entities) out.keyed(frame, entity);
}

export function addRowReading(
  out: RespWriter,
  prefix: Buffer,
  entity: EntityKey,
  encodedFields: readonly Buffer[],
): void {
  out.command('HMGET', encodedFields.length + 1).joined(prefix, entity);
  for (const field of encodedFields) out.encoded(field);
}

/** The rows of a selection, whose replies to `addReading` start at `from`. */
export function rowsOfReplies({ entities, fields }: RowSelection, replies: Reply[], from: number): SelectedRows {
  if (fields.length === 0) return entities.map(() => []);
  const rows = new Array<(Buffer | null)[]>(entities.length);
  for (let entity = 0; entity < entities.length; entity += 1) {
    const reply = replies[from + entity] as Buffer | null | (Buffer | null)[];
    const records = Array.isArray(reply) ? reply : [reply];
    rowsOfRecords(records);
    rows[entity] = records;
  }
  return rows;
}

/** The records of one entity become its rows. */
export function rowsOfRecords(records: (Buffer | null)[]): void {
  for (let field = 0; field < records.length; field += 1) {
    const record = records[field] ?? null;
    if (record !== null) records[field] = requireRow(rowOfRecord(record));
  }
}

export function requireRow(row: Buffer | null | undefined): Buffer | null {
  if (row !== undefined) return row;
  throw new PlumbError('STORAGE_CORRUPT', 'Redis holds a row record that is none of this format: use another database');
}

export const CHUNK_KEYS = 256;
const LIFE_BYTES = 8;
const CHUNK_BYTES = 1024 * 1024;

/** Writes that one script may take: few enough that Redis is not held up for long. In a Cluster all are of one slot. */
export function chunksOf(writes: readonly RowWrite[]): RowWrite[][] {
  const chunks: RowWrite[][] = [];
  let chunk: RowWrite[] = [];
  let sizeBytes = 0;
  for (const write of writes) {
    if (chunk.length === CHUNK_KEYS || (chunk.length > 0 && sizeBytes + sizeOf(write) > CHUNK_BYTES)) {
      chunks.push(chunk);
      chunk = [];
      sizeBytes = 0;
    }
    chunk.push(write);
    sizeBytes += sizeOf(write);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

const sizeOf = ({ entity, row }: RowWrite): number => entity.length + (row?.length ?? 0) + KEY_OVERHEAD_BYTES;

export const writingSizeBytes = (prefix: Buffer, chunk: readonly RowWrite[]): number =>
  chunk.reduce((sum, write) => sum + sizeOf(write) + prefix.length + LIFE_BYTES, 256);

/** One script. `chunk`: as `chunksOf` made it. */
export function addWriting(
  out: RespWriter,
  prefix: Buffer,
  field: FieldName,
  token: bigint,
  chunk: readonly RowWrite[],
  fieldsExpire: boolean,
) {
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  tokenBytes(token).copy(header);
  out.command('EVALSHA', 2 + chunk.length + 4 + chunk.length);
  out.argument(WRITE_ROWS.sha).argument(String(chunk.length));
  for (const { entity } of chunk) out.joined(prefix, entity);
  out.argument(fieldId(field)).argument(tokenBytes(token));
  out.argument(livesOf(chunk)).argument(fieldsExpire ? '1' : '');
  for (const { row } of chunk) {
    header[RECORD_HEADER_BYTES - 1] = row === null ? KIND.tombstone : KIND.row;
    out.joined(header, row ?? NO_ROW);
  }
}

const NO_ROW = Buffer.alloc(0);
const FOR_EVER = -1;

/** As the script takes them: none where nothing expires, one where all live equally long. */
function livesOf(chunk: readonly RowWrite[]): Buffer {
  const [first = FOR_EVER, ...rest] = chunk.map(({ lifeMillis }) => lifeMillis ?? FOR_EVER);
  const isOne = rest.every((life) => life === first);
  if (isOne && first === FOR_EVER) return NO_ROW;
  const lives = isOne ? [first] : [first, ...rest];
  const bytes = Buffer.allocUnsafe(8 * lives.length);
  for (const [index, life] of lives.entries()) bytes.writeDoubleBE(Math.min(life, LONGEST_LIFE_MILLIS), 8 * index);
  return bytes;
}

/** 1,900 years: Redis refuses times that do not fit in the 46 bits that it has for a field's. */
const LONGEST_LIFE_MILLIS = 6e13;
