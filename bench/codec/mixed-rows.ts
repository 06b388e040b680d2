// Contender: text for everything but float64, float32, timestamps and vectors, which keep their bits. Small in memory, but
// an answer is copied only up to the next such feature.
//
//   header 24 · null bitmap · invalid bitmap · one slot of fixed size per feature of bits, in order · per other feature
//   where its text ends, uint16 · texts

import { shortestFloat32 } from '../../schemas/float32.ts';
import type { Value } from '../../schemas/types.ts';
import { ByteWriter } from '../../src/online/byte-writer.ts';
import type { RowSchema } from '../../src/online/row-codec.ts';
import { textReader, textWriter } from '../../src/online/value-json.ts';
import { setBit } from './packed-rows.ts';
import { type FixedForm, fixedForm, hasBit } from './packed-values.ts';
import type { RowFormat } from './row-format.ts';

const HEADER_BYTES = 24;
const BITS: ReadonlySet<string> = new Set(['float64', 'float32', 'timestamp']);

interface Feature {
  /** null: its text is stored. */
  readonly fixed: FixedForm | null;
  /** Of its bits, or of the end of its text. */
  readonly at: number;
  readonly isFirstText: boolean;
  readonly write: ReturnType<typeof textWriter>;
  readonly read: ReturnType<typeof textReader>;
}

/** Vectors of the bench hold no nulls. */
function vectorForm(length: number): FixedForm {
  return {
    sizeBytes: 4 * length,
    write: (view, offset, value) => {
      for (const [i, item] of (value as readonly number[]).entries()) view.setFloat32(offset + 4 * i, item, true);
    },
    read: (view, offset) =>
      Array.from({ length }, (_value, i) => shortestFloat32(view.getFloat32(offset + 4 * i, true))),
  };
}

const formOf = (type: string): FixedForm | null => {
  const length = /^vector<float32,(\d+)>$/.exec(type)?.[1];
  if (length !== undefined) return vectorForm(Number(length));
  return BITS.has(type) ? fixedForm(type as 'float64') : null;
};

export function mixedRows(schema: RowSchema): RowFormat {
  let at = HEADER_BYTES + 2 * Math.ceil(schema.length / 8);
  const forms = schema.map(({ type }) => formOf(type));
  const place = (size: number): number => {
    at += size;
    return at - size;
  };
  const bitsAt = forms.map((fixed) => (fixed === null ? -1 : place(fixed.sizeBytes)));
  const endsAt = forms.map((fixed) => (fixed === null ? place(2) : -1));
  const textAt = at;
  const features = schema.map(({ type }, i): Feature => {
    const fixed = forms[i] ?? null;
    return {
      fixed,
      at: (fixed === null ? endsAt[i] : bitsAt[i]) as number,
      isFirstText: fixed === null && forms.indexOf(null) === i,
      write: textWriter(type),
      read: textReader(type),
    };
  });
  const out = new ByteWriter();
  return {
    encode: (columns, index) => encodeRow(out, features, textAt, columns, index),
    answer: (rows, picked) => {
      out.begin(0);
      for (const [i, row] of rows.entries()) {
        out.ascii(i === 0 ? '[[' : ',[');
        writeRow(out, features, textAt, row, picked);
        out.ascii(']');
      }
      out.ascii(']');
      return out.finish();
    },
    values: (rows, feature) => rows.map((row) => readValue(features[feature] as Feature, textAt, row, feature)),
  };
}

function encodeRow(
  out: ByteWriter,
  features: readonly Feature[],
  textAt: number,
  columns: readonly (readonly Value[])[],
  index: number,
): Uint8Array {
  const start = out.begin(textAt);
  out.bytes.fill(0, start, start + textAt);
  for (const [feature, { fixed, at, write }] of features.entries()) {
    const value = (columns[feature] as readonly Value[])[index] as Value;
    if (value === null) setBit(out.bytes, out.start + HEADER_BYTES, feature);
    if (fixed === null) {
      if (value === null) out.ascii('null');
      else write(out, value);
      out.view.setUint16(out.start + at, out.position - out.start - textAt, true);
    } else if (value !== null) {
      fixed.write(out.view, out.start + at, value);
    }
  }
  return out.finish();
}

const uint16 = (row: Uint8Array, at: number): number => (row[at] as number) | ((row[at + 1] as number) << 8);

function writeRow(
  out: ByteWriter,
  features: readonly Feature[],
  textAt: number,
  row: Uint8Array,
  picked: readonly number[],
): void {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  for (const [i, index] of picked.entries()) {
    const { fixed, at, isFirstText, write } = features[index] as Feature;
    if (i > 0) out.ascii(',');
    if (fixed === null) out.slice(row, textAt + (isFirstText ? 0 : uint16(row, at - 2)), textAt + uint16(row, at));
    else if (hasBit(row, HEADER_BYTES, index)) out.ascii('null');
    else write(out, fixed.read(view, at));
  }
}

function readValue({ fixed, at, isFirstText, read }: Feature, textAt: number, row: Uint8Array, index: number): Value {
  if (hasBit(row, HEADER_BYTES, index)) return null;
  if (fixed !== null) return fixed.read(new DataView(row.buffer, row.byteOffset, row.byteLength), at);
  const text = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  const start = textAt + (isFirstText ? 0 : uint16(row, at - 2));
  return read(text.toString('utf8', start, textAt + uint16(row, at)));
}
