// The order of values and rows (DESIGN section 2): strings by their UTF-8 bytes, lists element by element, null lowest.
import type { Value } from '../../../schemas/types.ts';
import type { KeyRow } from '../../offline/key-rows.ts';

export function orderOfValues(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return orderOfLists(a, b);
  return a < b ? -1 : Number(a > b);
}

/** Of two lists of which one begins with the other, the shorter is lower. */
export function orderOfLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [i, item] of a.entries()) {
    if (i >= b.length) return 1;
    const order = orderOfValues(item, b[i] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export const orderInTime = (a: KeyRow, b: KeyRow): number =>
  orderOfLists([a.eventMicros, a.createdMicros], [b.eventMicros, b.createdMicros]);
