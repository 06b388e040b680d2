// float32 values as numbers: the double whose text is the shortest one that names the float32 (0.1, not
// 0.10000000149011612). One function for training files and served answers, so both print the same digits.

const SMALLEST_NORMAL = 2 ** -126;

/** `value` must be a float32 (a result of Math.fround); the answer rounds back to it. */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value) && value > -16_777_216 && value < 16_777_216) return value;
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e7 ? fewestDecimals(value) : fewestDigits(value);
}

/** 1e-3 to 1e7: nine digits reach any float32, so the scaled integers stay exact in a double. */
function fewestDecimals(value: number): number {
  for (let scale = 10; scale <= 1e12; scale *= 10) {
    const candidate = Math.round(value * scale) / scale;
    if (Math.fround(candidate) === value) return candidate;
  }
  return fewestDigits(value);
}

/** Six digits always survive the way to a normal float32 and back, so the search starts there; subnormals have fewer. */
function fewestDigits(value: number): number {
  for (let digits = Math.abs(value) < SMALLEST_NORMAL ? 1 : 6; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value;
}
