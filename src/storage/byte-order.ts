// Ascending order of UTF-8 bytes, as object stores list keys. JavaScript's own order of strings differs from it beyond
// U+FFFF (surrogates sort before U+E000..U+FFFF).

export function compareBytes(left: string, right: string): number {
  if (left === right) return 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
