// Arithmetic on instants in SQL; all instants are BIGINT microseconds there. Floors go toward minus infinity, which
// neither `//` nor `%` does by itself for negative numbers.

import type { Refresh } from '../catalog/catalog.ts';
import type { Window } from '../plan/nodes.ts';

export const floorSql = (micros: string, step: bigint): string =>
  `(${micros}) - (((${micros}) % ${step}) + ${step}) % ${step}`;

/** e(t), from the SQL of t. */
export const effectiveSql = (t: string, refresh: Refresh | null): string =>
  refresh === null ? t : `(${floorSql(`${t} - ${refresh.delayMicros}`, refresh.everyMicros)})`;

/** First instant inside a window that ends before `e`; null for an unbounded one. */
export function windowStartSql(e: string, window: Window): string | null {
  if (window.widthMicros === null) return null;
  const start = `${e} - ${window.widthMicros}`;
  return window.hopMicros === null ? `(${start})` : `(${floorSql(start, window.hopMicros)})`;
}
