// Numbers → the text JSON.stringify writes, straight into bytes. Integers and amounts of two decimals, which most features
// are, get their digits here at a fifth of the cost of a general double; all others take the engine's.
import type { ByteWriter } from '../byte-writer.ts';

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Below it integer arithmetic stays in 31 bits. */
const LIMIT = 2 ** 31;
const MOST_CHARS = 24;

/** `value` must be finite. -0 is written as 0. */
export function writeNumber(out: ByteWriter, value: number): void {
  out.reserve(MOST_CHARS);
  const size = Math.abs(value);
  const hundredths = Math.round(size * 100);
  if (size < LIMIT && (size | 0) === size) {
    writeSign(out, value);
    writeDigits(out, size);
  } else if (hundredths < LIMIT && hundredths / 100 === size) {
    // No two decimals of at most 15 digits name the same double, so this is its shortest text.
    writeSign(out, value);
    writeHundredths(out, hundredths);
  } else {
    out.ascii(String(value));
  }
}

/** Whether `writeNumber` makes the digits itself. */
export function isShort(value: number): boolean {
  const hundredths = Math.round(Math.abs(value) * 100);
  return hundredths < LIMIT && hundredths / 100 === Math.abs(value);
}

/**
 * Finite numbers or nulls with a comma between two; `ends[first + i]` is where number i ends, from the start of the record. The
 * engine makes the digits of an array of doubles at two thirds of the cost of one by one.
 */
export function writeNumbers(
  out: ByteWriter,
  values: readonly (number | null)[],
  ends: Uint32Array,
  first: number,
): void {
  const text = JSON.stringify(values).slice(1, -1);
  const offset = out.position - out.start;
  out.text(text);
  let at = text.indexOf(',');
  for (let feature = first; feature < first + values.length - 1; feature += 1) {
    ends[feature] = offset + at;
    at = text.indexOf(',', at + 1);
  }
  ends[first + values.length - 1] = offset + text.length;
}

/** Digits of a double are made faster than those of a bigint. */
export function writeInt64(out: ByteWriter, value: bigint): void {
  const number = Number(value);
  if (number < LIMIT && number > -LIMIT) writeNumber(out, number);
  else out.ascii(value.toString());
}

function writeSign(out: ByteWriter, value: number): void {
  if (value < 0) out.bytes[out.position++] = MINUS;
}

function writeDigits(out: ByteWriter, value: number): void {
  const end = out.position + digitCount(value);
  let rest = value;
  for (let at = end - 1; at >= out.position; at -= 1) {
    const tens = (rest / 10) | 0;
    out.bytes[at] = ZERO + rest - tens * 10;
    rest = tens;
  }
  out.position = end;
}

/** At least one hundredth, and no whole number. */
function writeHundredths(out: ByteWriter, hundredths: number): void {
  const whole = (hundredths / 100) | 0;
  const fraction = hundredths - whole * 100;
  const tenths = (fraction / 10) | 0;
  writeDigits(out, whole);
  out.bytes[out.position++] = POINT;
  out.bytes[out.position++] = ZERO + tenths;
  if (fraction > tenths * 10) out.bytes[out.position++] = ZERO + fraction - tenths * 10;
}

function digitCount(value: number): number {
  let count = 1;
  for (let power = 10; count < 10 && value >= power; power *= 10) count += 1;
  return count;
}
