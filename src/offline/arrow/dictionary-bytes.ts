// What the values of a dictionary column take once each row has its own: a few bytes of Arrow may stand for gigabytes.
import { type Data, DataType as Types } from 'apache-arrow';

const FIXED_BYTES = 8;

/** Of a portable column and of what is nested in it; 0 where there is no dictionary. */
export function dictionaryBytes(data: Data): number {
  if (!Types.isDictionary(data.type)) return data.children.reduce((sum, child) => sum + dictionaryBytes(child), 0);
  const sizes = (data.dictionary?.data ?? []).flatMap(sizesOf);
  const indices = data.values as ArrayLike<number | bigint>;
  let total = 0;
  for (let row = 0; row < data.length; row++) if (data.getValid(row)) total += sizes[Number(indices[row] ?? 0)] ?? 0;
  return total;
}

/** Of each value. */
function sizesOf({ type, length, valueOffsets }: Data): number[] {
  const offsets: ArrayLike<number | bigint> | undefined = valueOffsets;
  const hasOffsets = Types.isUtf8(type) || Types.isLargeUtf8(type) || Types.isBinary(type) || Types.isLargeBinary(type);
  const fixed = Types.isFixedSizeBinary(type)
    ? type.byteWidth
    : Types.isDecimal(type)
      ? type.bitWidth / 8
      : FIXED_BYTES;
  return Array.from({ length }, (_, i) =>
    hasOffsets ? Number(offsets?.[i + 1] ?? 0) - Number(offsets?.[i] ?? 0) : fixed,
  );
}
