// The approximate aggregates, from the words of docs/specs/partials.md: nothing is shared with src/.
import { createHash } from 'node:crypto';
import { elementType, isFloat, type Value } from './values.ts';

const M = 16384;

/** HyperLogLog over whole arrays of bits, as text. */
export function approxCountDistinct(values: readonly Value[], type: string): bigint {
  const ranks = new Map<number, number>();
  for (const value of values) {
    const bits = hashBits(value, type);
    const index = Number.parseInt(bits.slice(0, 14), 2);
    const one = bits.slice(14).indexOf('1');
    ranks.set(index, Math.max(ranks.get(index) ?? 0, one === -1 ? 51 : one + 1));
  }
  if (ranks.size === 0) return 0n;
  // The sum of 2^-rank as a fraction of 2^51, exactly; its two parts are rounded together once.
  let sum = 0n;
  for (const rank of ranks.values()) sum += 2n ** BigInt(51 - rank);
  const exact = Number(sum / 2n ** 40n) / 2 ** 11 + Number(sum % 2n ** 40n) / 2 ** 51;
  let x = (M - ranks.size) / M;
  let sigma = x;
  for (let k = 1; k <= 20; k++) {
    x = x * x;
    sigma = sigma + x * 2 ** (k - 1);
  }
  return BigInt(Math.floor((0.7213475204444817 * M * M) / (M * sigma + exact) + 0.5));
}

function hashBits(value: Value, type: string): string {
  const hex = createHash('md5').update(canonical(value, type)).digest('hex').slice(0, 16);
  return BigInt(`0x${hex}`).toString(2).padStart(64, '0');
}

function canonical(value: Value, type: string): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(canonicalText(value, type));
}

function canonicalText(value: Value, type: string): string {
  const element = elementType(type);
  if (element !== undefined && Array.isArray(value)) {
    const items = (value as readonly Value[]).map((item) => {
      if (item === null) return '-';
      const text = canonicalText(item, element);
      return `${Buffer.from(text).length}:${text}`;
    });
    return items.join('');
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (!isFloat(type)) return String(value);
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, Number(value) === 0 ? 0 : Number(value));
  return String(bytes.getBigInt64(0));
}

/** The middle of the bucket of the value at the rank. */
export function approxPercentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return null;
  const chosen = sorted[Math.max(1, count - Math.floor(count - p * count)) - 1] ?? 0;
  return middle(chosen);
}

/** Keeps sign, exponent and six bits of the mantissa; the seventh is set, the others are not. */
function middle(x: number): number {
  if (x === 0) return 0;
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, x);
  bytes.setBigUint64(0, ((bytes.getBigUint64(0) >> 46n) << 46n) + (1n << 45n));
  return bytes.getFloat64(0);
}
