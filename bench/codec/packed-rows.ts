// Contender: packed binary, as version 1 of the row codec was. O(1) access, text is made when an answer is.
//
//   header 24 (version, flags, schema hash, event and created time) · null bitmap · invalid bitmap · one slot per feature
//   (the value of a fixed type, or where a varying one ends, uint32) · contents of varying size
import type { DataType, Value } from '../../schemas/types.ts';
import { elementType } from '../../schemas/types.ts';
import { formatInstant } from '../../src/instant.ts';
import { ByteWriter } from '../../src/online/byte-writer.ts';
import type { RowSchema } from '../../src/online/row-codec.ts';
import { type FixedForm, fixedForm, hasBit, type RowBytes, type VaryingForm, varyingForm } from './packed-values.ts';
import type { RowFormat } from './row-format.ts';

const HEADER_BYTES = 24;

/** One feature's place in the row; exactly one of `fixed` and `varying` is not null. */
interface Slot {
  readonly offset: number;
  readonly fixed: FixedForm | null;
  readonly varying: VaryingForm | null;
  /** Where the slot of the varying feature before it is; -1: there is none. */
  readonly before: number;
}

export function packedRows(schema: RowSchema): RowFormat {
  const bitmapBytes = Math.ceil(schema.length / 8);
  let tail = HEADER_BYTES + 2 * bitmapBytes;
  let before = -1;
  const slots = schema.map(({ type }): Slot => {
    const fixed = fixedForm(type);
    const slot = { offset: tail, fixed, varying: fixed === null ? varyingForm(type) : null, before };
    if (fixed === null) before = tail;
    tail += fixed?.sizeBytes ?? 4;
    return slot;
  });
  const toJson = schema.map(({ type }) => jsonForm(type));
  const out = new ByteWriter();
  const read = (row: RowBytes, feature: number): Value => readSlot(row, slots[feature] as Slot, feature, tail);
  return {
    encode: (columns, index) => encodeRow(out, slots, tail, columns, index),
    answer: (rows, picked) => {
      const jsonRows = rows.map((bytes) => {
        const row = bytesOf(bytes);
        return picked.map((feature) => {
          const value = read(row, feature);
          return value === null ? null : (toJson[feature]?.(value) ?? value);
        });
      });
      return Buffer.from(JSON.stringify(jsonRows));
    },
    values: (rows, feature) => rows.map((bytes) => read(bytesOf(bytes), feature)),
  };
}

const bytesOf = (bytes: Uint8Array): RowBytes => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

function encodeRow(
  out: ByteWriter,
  slots: readonly Slot[],
  tail: number,
  columns: readonly (readonly Value[])[],
  index: number,
): Uint8Array {
  const start = out.begin(tail);
  out.bytes.fill(0, start, start + tail);
  for (const [feature, { fixed, varying, offset }] of slots.entries()) {
    const value = (columns[feature] as readonly Value[])[index] as Value;
    if (value === null) setBit(out.bytes, out.start + HEADER_BYTES, feature);
    else if (fixed !== null) fixed.write(out.view, out.start + offset, value);
    else varying?.write(out, value);
    if (fixed === null) out.view.setUint32(out.start + offset, out.position - out.start - tail, true);
  }
  return out.finish();
}

export function setBit(bytes: Uint8Array, offset: number, index: number): void {
  bytes[offset + (index >> 3)] = (bytes[offset + (index >> 3)] as number) | (1 << (index & 7));
}

function readSlot(row: RowBytes, slot: Slot, feature: number, tail: number): Value {
  if (hasBit(row.text, HEADER_BYTES, feature)) return null;
  if (slot.fixed !== null) return slot.fixed.read(row.view, slot.offset);
  const start = slot.before < 0 ? tail : tail + row.view.getUint32(slot.before, true);
  return (slot.varying as VaryingForm).read(row, start, tail + row.view.getUint32(slot.offset, true));
}

/** `JSON.rawJSON` is in Node 24 but not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

/** null: JSON.stringify writes values of the type as they are. */
function jsonForm(type: DataType): ((value: Value) => unknown) | null {
  const element = elementType(type);
  const form = SCALAR_FORMS[element ?? type];
  if (form === undefined) return null;
  if (element === null) return form;
  return (value) => (value as readonly Value[]).map((item) => (item === null ? null : form(item)));
}

const SCALAR_FORMS: Readonly<Partial<Record<string, (value: Value) => unknown>>> = {
  timestamp: (value) => formatInstant(value as bigint),
  bytes: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  int64: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : rawJSON(String(value))),
};
