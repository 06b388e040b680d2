// The footer of a Parquet file: where the row groups and their columns lie, and the footer of a file that has only one of
// them. parquet-wasm reads whole files; one row group, cut out, is a file that is small enough to be read whole.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
//
//   "PAR1" | column chunks, group by group | footer | footer length, 4 | "PAR1"
import type { ByteSource } from './byte-source.ts';
import { readStruct, type ThriftStruct, type ThriftValue, TYPE, writeStruct } from './thrift.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface RowGroup {
  readonly rows: number;
  readonly struct: ThriftStruct;
}

export interface Footer {
  readonly rows: number;
  readonly groups: readonly RowGroup[];
  readonly struct: ThriftStruct;
}

/** Field ids of the format. */
const FILE = { schema: 2, rows: 3, groups: 4, keyValues: 5, columnOrders: 7 };
const ELEMENT = { name: 4, childCount: 5 };
const GROUP = { chunks: 1, rows: 3, sortingColumns: 4, fileOffset: 5, ordinal: 7 };
const CHUNK = {
  filePath: 1,
  fileOffset: 2,
  metadata: 3,
  offsetIndex: 4,
  offsetIndexLength: 5,
  columnIndex: 6,
  columnIndexLength: 7,
};
const COLUMN = {
  path: 3,
  compressedSize: 7,
  dataPage: 9,
  indexPage: 10,
  dictionaryPage: 11,
  bloomFilter: 14,
  bloomFilterLength: 15,
};

export const MAGIC = new TextEncoder().encode('PAR1');
const TAIL_BYTES = 8;
/** Most footers are shorter: one read suffices. */
const FIRST_READ_BYTES = 65_536;

/** Error, in a few words, where it is no Parquet file. */
export async function readFooter(source: ByteSource, signal: AbortSignal | undefined): Promise<Footer> {
  const { sizeBytes } = source;
  if (sizeBytes < MAGIC.length + TAIL_BYTES) throw new Error('it is too short');
  const first = Math.max(0, sizeBytes - FIRST_READ_BYTES);
  const end = await source.read(first, sizeBytes, signal);
  const tail = end.subarray(end.byteLength - TAIL_BYTES);
  if (MAGIC.some((byte, i) => tail[4 + i] !== byte)) throw new Error('it does not end like one');
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  const start = sizeBytes - TAIL_BYTES - length;
  if (start < MAGIC.length) throw new Error('its footer is longer than the file');
  const bytes =
    start >= first
      ? end.subarray(start - first, end.byteLength - TAIL_BYTES)
      : await source.read(start, sizeBytes - TAIL_BYTES, signal);
  return footerOf(readStruct(bytes));
}

const footerOf = (struct: ThriftStruct): Footer => ({
  rows: integer(struct, FILE.rows),
  groups: structs(struct, FILE.groups).map((group) => ({ rows: integer(group, GROUP.rows), struct: group })),
  struct,
});

/** Where the chunks of these columns lie (null: of all), in the order in which `singleGroupFooter` puts them. */
export const chunkRanges = (group: RowGroup, columns: ReadonlySet<string> | null): readonly Range[] =>
  chunksOf(group.struct, columns).map(rangeOf);

function rangeOf(chunk: ThriftStruct): Range {
  if (chunk.has(CHUNK.filePath)) throw new Error('its columns lie in other files');
  const metadata = inner(chunk, CHUNK.metadata);
  const dictionary = metadata.has(COLUMN.dictionaryPage) ? integer(metadata, COLUMN.dictionaryPage) : 0;
  const data = integer(metadata, COLUMN.dataPage);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = start + integer(metadata, COLUMN.compressedSize);
  if (start < MAGIC.length || end < start) throw new Error('its footer is damaged');
  return { start, end };
}

/**
 * The footer of a file that holds these columns of this row group only, their chunks one after the other behind the magic;
 * of a null group, no rows.
 */
export function singleGroupFooter(
  footer: Footer,
  group: RowGroup | null,
  columns: ReadonlySet<string> | null,
): Uint8Array {
  const file = new Map(footer.struct);
  put(file, FILE.rows, TYPE.i64, BigInt(group?.rows ?? 0));
  put(file, FILE.groups, TYPE.list, {
    itemType: TYPE.struct,
    items: group === null ? [] : [movedGroup(group, columns)],
  });
  if (columns !== null) {
    put(file, FILE.schema, TYPE.list, {
      itemType: TYPE.struct,
      items: prunedSchema(structs(footer.struct, FILE.schema), columns),
    });
    // Both speak of all columns: the writer's own schema, and the orders of the leaves.
    file.delete(FILE.keyValues);
    file.delete(FILE.columnOrders);
  }
  return writeStruct(file);
}

function movedGroup({ struct }: RowGroup, columns: ReadonlySet<string> | null): ThriftStruct {
  let at = MAGIC.length;
  const chunks = chunksOf(struct, columns).map((chunk) => {
    const { start, end } = rangeOf(chunk);
    const moved = movedChunk(chunk, at - start);
    at += end - start;
    return moved;
  });
  const group = new Map(struct);
  put(group, GROUP.chunks, TYPE.list, { itemType: TYPE.struct, items: chunks });
  for (const id of [GROUP.sortingColumns, GROUP.fileOffset, GROUP.ordinal]) group.delete(id);
  return group;
}

function movedChunk(chunk: ThriftStruct, by: number): ThriftStruct {
  const metadata = new Map(inner(chunk, CHUNK.metadata));
  for (const id of [COLUMN.dataPage, COLUMN.indexPage, COLUMN.dictionaryPage]) {
    const offset = metadata.get(id)?.value;
    if (typeof offset === 'bigint' && offset > 0n) put(metadata, id, TYPE.i64, offset + BigInt(by));
  }
  metadata.delete(COLUMN.bloomFilter);
  metadata.delete(COLUMN.bloomFilterLength);
  const moved = new Map(chunk);
  put(moved, CHUNK.fileOffset, TYPE.i64, 0n);
  put(moved, CHUNK.metadata, TYPE.struct, metadata);
  // The indexes of pages stay behind; readers do without.
  for (const id of [CHUNK.offsetIndex, CHUNK.offsetIndexLength, CHUNK.columnIndex, CHUNK.columnIndexLength])
    moved.delete(id);
  return moved;
}

const chunksOf = (group: ThriftStruct, columns: ReadonlySet<string> | null): readonly ThriftStruct[] =>
  structs(group, GROUP.chunks).filter((chunk) => columns === null || columns.has(rootName(chunk)));

function rootName(chunk: ThriftStruct): string {
  const path = inner(chunk, CHUNK.metadata).get(COLUMN.path)?.value as
    | { readonly items?: readonly ThriftValue[] }
    | undefined;
  return text(path?.items?.[0]);
}

/** The schema is a tree, written depth first: every element says how many children follow. */
function prunedSchema(elements: readonly ThriftStruct[], columns: ReadonlySet<string>): readonly ThriftStruct[] {
  const [root, ...rest] = elements;
  if (root === undefined) throw new Error('it has no schema');
  const kept: ThriftStruct[] = [];
  let children = 0n;
  for (let at = 0; at < rest.length; ) {
    const end = endOfSubtree(rest, at);
    if (columns.has(text(rest[at]?.get(ELEMENT.name)?.value))) {
      kept.push(...rest.slice(at, end));
      children += 1n;
    }
    at = end;
  }
  const pruned = new Map(root);
  put(pruned, ELEMENT.childCount, TYPE.i32, children);
  return [pruned, ...kept];
}

function endOfSubtree(elements: readonly ThriftStruct[], start: number): number {
  let open = 1;
  let at = start;
  for (; open > 0 && at < elements.length; at += 1) {
    const children = elements[at]?.get(ELEMENT.childCount)?.value;
    open += (typeof children === 'bigint' ? Number(children) : 0) - 1;
  }
  return at;
}

/** A Map keeps the place of a key that it has; all that is set here is there. */
const put = (
  struct: Map<number, { type: number; value: ThriftValue }>,
  id: number,
  type: number,
  value: ThriftValue,
): void => void struct.set(id, { type, value });

function integer(struct: ThriftStruct, id: number): number {
  const value = struct.get(id)?.value;
  if (typeof value !== 'bigint' || value < 0n) throw new Error('its footer is damaged');
  return Number(value);
}

function inner(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id)?.value;
  if (!(value instanceof Map)) throw new Error('its footer is damaged');
  return value;
}

function structs(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  const list = struct.get(id)?.value as { readonly items?: readonly ThriftValue[] } | undefined;
  return (list?.items ?? []).filter((item): item is ThriftStruct => item instanceof Map);
}

const text = (value: unknown): string => (value instanceof Uint8Array ? new TextDecoder().decode(value) : '');
