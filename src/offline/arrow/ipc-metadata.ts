// Checks the metadata of Arrow IPC (flatbuffers) before apache-arrow reads it: that takes every length on trust, so one
// damaged byte can make it fill the memory. Only structure is checked here: every table and vector lies within its bytes.
// Fields by number, as in Message.fbs, Schema.fbs and File.fbs of the Arrow format:
//
//   Message          1 header type | 2 header | 3 body length | 4 custom metadata
//   Schema           1 fields | 2 custom metadata
//   Field            0 name | 2 type | 3 of the type | 4 dictionary | 5 children | 6 custom metadata
//   RecordBatch      0 rows | 1 nodes (16 bytes each) | 2 buffers (16) | 3 compression | 4 variadic counts (8)
//   DictionaryBatch  1 data
//   Footer           1 schema | 2 dictionaries | 3 record batches (blocks of 24) | 4 custom metadata
//   Block            offset, 8 | metadata length, 4 | padding, 4 | body length, 8

import { requireReadable } from './arrow-columns.ts';
import { ArrowDamage } from './arrow-damage.ts';
import { type Block, type FlatTable, rootOf } from './flat-table.ts';
import type { LabelLimits } from './label-limits.ts';

export const MESSAGE_TYPES = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

export interface MessageShape {
  readonly type: number;
  readonly bodyLength: number;
  /** Of a record batch; 0 for other messages. */
  readonly rows: number;
}

export function checkMessage(metadata: Uint8Array, limits: LabelLimits): MessageShape {
  const message = rootOf(metadata);
  const type = message.uint8(1);
  const header = message.table(2);
  message.keyValues(4);
  if (type === MESSAGE_TYPES.schema) checkSchema(header, limits);
  if (type === MESSAGE_TYPES.recordBatch) checkRecordBatch(header);
  if (type === MESSAGE_TYPES.dictionaryBatch) checkRecordBatch(header?.table(1) ?? null);
  const rows = type === MESSAGE_TYPES.recordBatch ? (header?.int64(0) ?? 0) : 0;
  return { type, bodyLength: message.int64(3), rows };
}

export function checkFooter(
  metadata: Uint8Array,
  limits: LabelLimits,
): {
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
} {
  const footer = rootOf(metadata);
  checkSchema(footer.table(1), limits);
  footer.keyValues(4);
  return { dictionaries: footer.blocks(2), batches: footer.blocks(3) };
}

function checkSchema(schema: FlatTable | null, limits: LabelLimits): void {
  if (schema === null) throw new ArrowDamage('there is no schema');
  schema.keyValues(2);
  requireReadable(schema.tables(1), limits);
}

function checkRecordBatch(batch: FlatTable | null): void {
  if (batch === null) throw new ArrowDamage('a record batch has no header');
  for (const [field, bytes] of [
    [1, 16],
    [2, 16],
    [4, 8],
  ] as const)
    batch.vector(field, bytes);
}
