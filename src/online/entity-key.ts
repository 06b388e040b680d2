// Entity names and typed join key values → canonical bytes: equal for equal entities, different otherwise, and in the
// order of the values (entity by entity, key by key), so that a store that sorts its keys is filled in one sweep when
// rows come ordered by join keys. Views over the same entities share the key.
//
//   key     = entity+ value+
//           | 07                         the one key of views without entities
//   entity  = 01 text                    in the view's order
//   value   = 02 text                    string
//           | 03 int32                   big-endian, sign bit flipped
//           | 04 int64                   big-endian, sign bit flipped
//           | 05 | 06                    false, true
//   text    = UTF-8 with 00 written as 00 FF, then 00       (no tag is FF, so the end is unambiguous)
import type { JoinKeyType, Value } from '../../schemas/types.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { EntityKey } from './online-store.ts';

const TAG = { entity: 1, string: 2, int32: 3, int64: 4, false: 5, true: 6, one: 7 } as const;
const INT64_SIGN = 1n << 63n;

type WriteValue = (out: ByteWriter, value: Value) => void;

const WRITE: Readonly<Record<JoinKeyType, WriteValue>> = {
  string: (out, value) => writeText(out, TAG.string, value as string),
  bool: (out, value) => out.byte(value === true ? TAG.true : TAG.false),
  int32: (out, value) => {
    out.reserve(5);
    out.bytes[out.position] = TAG.int32;
    out.view.setInt32(out.position + 1, (value as number) ^ 0x8000_0000);
    out.position += 5;
  },
  int64: (out, value) => {
    out.reserve(9);
    out.bytes[out.position] = TAG.int64;
    if (typeof value === 'number') {
      // High and low 32 bits of two's complement; division floors.
      out.view.setInt32(out.position + 1, Math.floor(value / 0x1_0000_0000) ^ 0x8000_0000);
      out.view.setUint32(out.position + 5, value >>> 0);
    } else out.view.setBigInt64(out.position + 1, (value as bigint) ^ INT64_SIGN);
    out.position += 9;
  },
};

function writeText(out: ByteWriter, tag: number, text: string): void {
  out.byte(tag);
  if (text.includes('\0')) writeEscaped(out, text);
  else out.text(text);
  out.byte(0);
}

function writeEscaped(out: ByteWriter, text: string): void {
  for (const byte of Buffer.from(text)) {
    out.byte(byte);
    if (byte === 0) out.byte(0xff);
  }
}

/** Equal for views whose encoders write the same key for the same values. */
export const keySpaceId = (entities: readonly string[], joinKeys: readonly { readonly type: JoinKeyType }[]): string =>
  JSON.stringify([entities, joinKeys.map((key) => key.type)]);

export interface EntityKeyEncoder {
  /** `values[k]`: the value of join key k, typed as declared, not null; a safe int64 may be a number. Text must be well-formed. */
  encode(values: readonly Value[]): EntityKey;
  /** The same for row `row` of columns. */
  encodeRow(columns: readonly (readonly Value[])[], row: number): EntityKey;
}

export function encoderFor(
  entities: readonly string[],
  joinKeys: readonly { readonly type: JoinKeyType }[],
): EntityKeyEncoder {
  const out = new ByteWriter();
  out.begin(0);
  for (const entity of entities) writeText(out, TAG.entity, entity);
  if (entities.length === 0) out.byte(TAG.one);
  const prefix = out.finish();
  const writers = joinKeys.map((key) => WRITE[key.type]);
  const write = (read: (key: number) => Value): EntityKey => {
    out.begin(0);
    out.copy(prefix);
    for (let key = 0; key < writers.length; key += 1) (writers[key] as WriteValue)(out, read(key));
    return out.finish();
  };
  return {
    encode: (values) => write((key) => values[key] as Value),
    encodeRow: (columns, row) => write((key) => (columns[key] as readonly Value[])[row] as Value),
  };
}
