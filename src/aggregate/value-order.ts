// The order of values and rows (DESIGN section 2): strings by their UTF-8 bytes, lists element by element, null lowest.
import type { Value } from '../../schemas/types.ts';

export function orderOfValues(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return orderOfLists(a, b);
  return a < b ? -1 : Number(a > b);
}

/** Of two lists of which one begins with the other, the shorter is lower. */
export function orderOfLists(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const order = orderOfValues(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By UTF-8 bytes, which is by code points. UTF-16 puts surrogates, which stand for the highest, below U+E000 to U+FFFF. */
export function orderOfTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

const codePointRank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** When something happened, and when it was known. */
interface Timed {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
}

export const orderInTime = (a: Timed, b: Timed): number =>
  orderOfValues(a.eventMicros, b.eventMicros) || orderOfValues(a.createdMicros, b.createdMicros);
