// Microseconds since 1970 → RFC 3339 text in UTC, the same digits on the server and in SDKs. Imports nothing.

/** After 400 Gregorian years the calendar repeats; a hundred times as many reach from all of int64 into what `Date` has. */
export const CYCLE_YEARS = 40_000;
export const CYCLE_MICROS = 14_609_700n * 86_400_000_000n;
/** Beyond it `Date` has no value, int64 microseconds still do. */
export const LAST_DATE_MICROS = 8_640_000_000_000_000_000n;

/** With as many fraction digits as it needs: none, 3 or 6. */
export function formatInstant(micros: bigint): string {
  if (micros > LAST_DATE_MICROS) return yearsLater(formatInstant(micros - CYCLE_MICROS), CYCLE_YEARS);
  if (micros < -LAST_DATE_MICROS) return yearsLater(formatInstant(micros + CYCLE_MICROS), -CYCLE_YEARS);
  const subMillis = ((micros % 1000n) + 1000n) % 1000n;
  const iso = new Date(Number((micros - subMillis) / 1000n)).toISOString();
  if (subMillis !== 0n) return `${iso.slice(0, -1)}${subMillis.toString().padStart(3, '0')}Z`;
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso;
}

/** For years that Date writes with a sign and six digits. */
export function yearsLater(iso: string, years: number): string {
  const year = Number(iso.slice(0, 7)) + years;
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}${iso.slice(7)}`;
}
