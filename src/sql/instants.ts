// Arithmetic on instants in SQL; all instants are BIGINT microseconds there. Floors go toward minus infinity, which
// neither `//` nor `%` does by itself for negative numbers.

import type { Refresh } from '../catalog/catalog.ts';
import type { Window } from '../plan/nodes.ts';

export const floorSql = (micros: string, step: bigint): string =>
  `(${micros}) - (((${micros}) % ${step}) + ${step}) % ${step}`;

/** e(t), from the SQL of t. */
export const effectiveSql = (t: string, refresh: Refresh | null): string =>
  refresh === null ? t : `(${floorSql(`${t} - ${refresh.delayMicros}`, refresh.everyMicros)})`;

/** First instant inside a window; null for an unbounded one, `e` itself for one that begins there. */
export function windowStartSql(e: string, { widthMicros, hopMicros, leadMicros = 0n }: Window): string | null {
  if (widthMicros === null) return null;
  if (widthMicros === leadMicros && hopMicros === null) return e;
  const start = `${e} - ${widthMicros - leadMicros}`;
  return hopMicros === null ? `(${start})` : `(${floorSql(start, hopMicros)})`;
}

/** First instant behind a window: `e` itself, unless it has a lead. */
export function windowEndSql(e: string, { hopMicros, leadMicros = 0n }: Window): string {
  if (leadMicros === 0n) return e;
  const end = leadMicros > 0n ? `${e} + ${leadMicros}` : `${e} - ${-leadMicros}`;
  return hopMicros === null ? `(${end})` : `(${floorSql(end, hopMicros)})`;
}
