// The text of a number, as it lies in a packed row → the double that it names, without a string in between. What comes out is
// the double that JSON.parse reads, or NaN where this file cannot vouch for it: then the engine reads the text.
//
// Digits are gathered as one integer M, exactly; the fraction has s digits, so the value is M / 10^s. Up to 15 digits M is a
// double and the division rounds once, which is right (Clinger, "How to read floating point numbers accurately", 1990). Beyond
// that, M and the quotient are each the sum of two doubles (Dekker, "A floating-point technique for extending the available
// precision", 1971), some 100 bits. The sum is taken only where an error of that size could not change how it rounds.

const ZERO = 48;
const MINUS = 45;
const POINT_DIGIT = 46 - ZERO;

/** Exact as doubles. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
const MOST_FRACTION_DIGITS = 22;
/** One digit more is still below 2^53. */
const FULL = 9e14;
const MOST_REST_DIGITS = 6;

export function readNumber(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  let integer = 0;
  let rest = 0;
  let restDigits = 0;
  let fractionDigits = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (integer < FULL) integer = integer * 10 + digit;
      else {
        rest = rest * 10 + digit;
        restDigits += 1;
      }
    } else if (digit === POINT_DIGIT && fractionDigits === 0) fractionDigits = end - at - 1;
    else return Number.NaN;
  }
  // `1.` and no digit at all.
  if (!(at > start && (bytes[end - 1] as number) >= ZERO)) return Number.NaN;
  if (fractionDigits > MOST_FRACTION_DIGITS || restDigits > MOST_REST_DIGITS) return Number.NaN;
  const divisor = POWERS[fractionDigits] as number;
  const size = restDigits === 0 ? integer / divisor : quotient(integer, POWERS[restDigits] as number, rest, divisor);
  // Never -0, which is written as 0.
  return negative ? 0 - size : size;
}

const SPLITTER = 2 ** 27 + 1;
const TOLERANCE = 2 ** -100;

/** (integer × power + rest) / divisor; NaN where it lies too near the middle between two doubles. */
function quotient(integer: number, power: number, rest: number, divisor: number): number {
  const product = integer * power;
  const high = product + rest;
  const virtual = high - product;
  const low = product - (high - virtual) + (rest - virtual) + productError(integer, power, product);
  const first = high / divisor;
  const back = first * divisor;
  const second = (high - back - productError(first, divisor, back) + low) / divisor;
  const above = first + (second + first * TOLERANCE);
  const below = first + (second - first * TOLERANCE);
  return above === below ? above : Number.NaN;
}

/** a × b - product, exactly, where `product` is a × b rounded. */
function productError(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}
