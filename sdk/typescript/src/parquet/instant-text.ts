// Microseconds since 1970 → RFC 3339 text in UTC, digit for digit as the server writes it in lookups.

/** 400 Gregorian years, after which the calendar repeats. */
const CYCLE_MICROS = 146_097n * 86_400_000_000n;
/** Beyond it `Date` has no value, int64 microseconds still do. */
const LAST_DATE_MICROS = 8_640_000_000_000_000_000n;

/** With as many fraction digits as it needs: none, 3 or 6. */
export function instantText(micros: bigint): string {
  if (micros > LAST_DATE_MICROS) return yearsLater(instantText(micros - 100n * CYCLE_MICROS), 40_000);
  if (micros < -LAST_DATE_MICROS) return yearsLater(instantText(micros + 100n * CYCLE_MICROS), -40_000);
  const subMillis = ((micros % 1000n) + 1000n) % 1000n;
  const iso = new Date(Number((micros - subMillis) / 1000n)).toISOString();
  if (subMillis !== 0n) return `${iso.slice(0, -1)}${subMillis.toString().padStart(3, '0')}Z`;
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso;
}

/** For years that Date writes with a sign and six digits. */
function yearsLater(iso: string, years: number): string {
  const year = Number(iso.slice(0, 7)) + years;
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}${iso.slice(7)}`;
}
