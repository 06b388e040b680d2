// int64 values written as two words of 32 bits: no bigint is made for a value that comes from digits.

const WORD = 2 ** 32;
const HALF = 2 ** 31;

/**
 * Writes `factor × power + rest` as value `index`. `factor` and `rest` are safe integers of one sign, `factor × power` may be
 * beyond them, `power` is at most 10^6. False, and nothing is written, where the value is beyond int64.
 */
export function writeInt64(
  words: Int32Array,
  index: number,
  { factor, power, rest }: { readonly factor: number; readonly power: number; readonly rest: number },
): boolean {
  const low = (factor >>> 0) * power + rest;
  const high = Math.floor(factor / WORD) * power + Math.floor(low / WORD);
  if (high < -HALF || high >= HALF) return false;
  // Arrow is little-endian, and so is every machine that Node runs on.
  words[2 * index] = low;
  words[2 * index + 1] = high;
  return true;
}
