// Checks the metadata of Arrow IPC (flatbuffers) before apache-arrow reads it: that takes every length on trust, so one
// damaged byte can make it fill the memory. Only structure is checked here: every table and vector lies within its bytes.
// Fields by number, as in Message.fbs, Schema.fbs and File.fbs of the Arrow format:
//
//   Message          1 header type | 2 header | 3 body length | 4 custom metadata
//   Schema           1 fields | 2 custom metadata
//   Field            4 dictionary | 5 children | 6 custom metadata
//   RecordBatch      0 rows | 1 nodes (16 bytes each) | 2 buffers (16) | 3 compression | 4 variadic counts (8)
//   DictionaryBatch  1 data
//   Footer           1 schema | 2 dictionaries | 3 record batches (blocks of 24) | 4 custom metadata
//   Block            offset, 8 | metadata length, 4 | padding, 4 | body length, 8

export const MESSAGE_TYPES = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

export interface MessageShape {
  readonly type: number;
  readonly bodyLength: number;
}

export interface Block {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

const BLOCK_BYTES = 24;

export function checkMessage(metadata: Uint8Array): MessageShape {
  const message = rootOf(metadata);
  const type = message.uint8(1);
  const header = message.table(2);
  message.keyValues(4);
  if (type === MESSAGE_TYPES.schema) checkSchema(header);
  if (type === MESSAGE_TYPES.recordBatch) checkRecordBatch(header);
  if (type === MESSAGE_TYPES.dictionaryBatch) checkRecordBatch(header?.table(1) ?? null);
  return { type, bodyLength: message.int64(3) };
}

export function checkFooter(metadata: Uint8Array): {
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
} {
  const footer = rootOf(metadata);
  checkSchema(footer.table(1));
  footer.keyValues(4);
  return { dictionaries: footer.blocks(2), batches: footer.blocks(3) };
}

function checkSchema(schema: FlatTable | null): void {
  if (schema === null) throw new Error('there is no schema');
  schema.keyValues(2);
  for (const field of schema.tables(1)) checkField(field);
}

function checkField(field: FlatTable): void {
  field.keyValues(6);
  for (const child of field.tables(5)) checkField(child);
}

function checkRecordBatch(batch: FlatTable | null): void {
  if (batch === null) throw new Error('a record batch has no header');
  for (const [field, bytes] of [
    [1, 16],
    [2, 16],
    [4, 8],
  ] as const)
    batch.vector(field, bytes);
}

function rootOf(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new FlatTable(view, view.getUint32(0, true), { tables: bytes.byteLength });
}

/** Every read beyond the bytes throws a RangeError. */
class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  /** Shared by all tables of a message: tables may point at one another's children, which multiplies them. */
  readonly #budget: { tables: number };

  constructor(view: DataView, at: number, budget: { tables: number }) {
    if (--budget.tables < 0) throw new Error('its metadata is damaged');
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#budget = budget;
  }

  uint8(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : this.#view.getUint8(at);
  }

  int64(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : Number(this.#view.getBigInt64(at, true));
  }

  table(field: number): FlatTable | null {
    const at = this.#field(field);
    return at === null ? null : this.#tableAt(at);
  }

  tables(field: number): readonly FlatTable[] {
    const { start, count } = this.vector(field, 4);
    return Array.from({ length: count }, (_, index) => this.#tableAt(start + index * 4));
  }

  keyValues(field: number): void {
    this.tables(field);
  }

  blocks(field: number): readonly Block[] {
    const { start, count } = this.vector(field, BLOCK_BYTES);
    return Array.from({ length: count }, (_, index) => {
      const at = start + index * BLOCK_BYTES;
      const [offset, bodyLength] = [this.#view.getBigInt64(at, true), this.#view.getBigInt64(at + 16, true)];
      return {
        offset: Number(offset),
        metadataLength: this.#view.getInt32(at + 8, true),
        bodyLength: Number(bodyLength),
      };
    });
  }

  vector(field: number, elementBytes: number): { readonly start: number; readonly count: number } {
    const at = this.#field(field);
    if (at === null) return { start: 0, count: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const count = this.#view.getUint32(vector, true);
    if (vector + 4 + count * elementBytes > this.#view.byteLength) throw new Error('its metadata is damaged');
    return { start: vector + 4, count };
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#view, at + this.#view.getUint32(at, true), this.#budget);
  }

  #field(field: number): number | null {
    const slot = 4 + 2 * field;
    if (slot >= this.#view.getUint16(this.#vtable, true)) return null;
    const offset = this.#view.getUint16(this.#vtable + slot, true);
    return offset === 0 ? null : this.#at + offset;
  }
}
