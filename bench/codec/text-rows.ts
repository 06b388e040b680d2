// Contender: ready JSON text with offsets, which is the product's row codec.
import type { Value } from '../../schemas/types.ts';
import { ByteWriter } from '../../src/online/byte-writer.ts';
import { compileRowCodec, type RowSchema } from '../../src/online/row-codec.ts';
import { isNull, rowText, writeRowText } from '../../src/online/stored-row.ts';
import { textReader } from '../../src/online/value-json.ts';
import type { RowFormat } from './row-format.ts';

const HEADER = { eventMicros: 1_767_830_400_000_000n, createdMicros: null };

export function textRows(schema: RowSchema): RowFormat {
  const codec = compileRowCodec(schema);
  const nothingInvalid = schema.map(() => null);
  const readers = schema.map(({ type }) => textReader(type));
  const out = new ByteWriter();
  return {
    encode: (columns, index) => codec.encodeColumns(HEADER, { values: columns, invalid: nothingInvalid }, index),
    answer: (rows, picked) => {
      const runs = runsOf(picked);
      out.begin(0);
      for (const [i, bytes] of rows.entries()) {
        const row = codec.open(bytes);
        out.ascii(i === 0 ? '[[' : ',[');
        for (const [j, { first, last }] of runs.entries()) {
          if (j > 0) out.ascii(',');
          writeRowText(out, row, first, last);
        }
        out.ascii(']');
      }
      out.ascii(']');
      return out.finish();
    },
    values: (rows, feature) =>
      rows.map((bytes): Value => {
        const row = codec.open(bytes);
        return isNull(row, feature) ? null : (readers[feature]?.(rowText(row, feature, feature)) ?? null);
      }),
  };
}

/** Neighbours are copied at once, as a lookup's segments are. */
function runsOf(picked: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const feature of picked) {
    const run = runs.at(-1);
    if (run?.last === feature - 1) run.last = feature;
    else runs.push({ first: feature, last: feature });
  }
  return runs;
}
