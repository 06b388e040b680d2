// The text of an instant as packed rows hold it, `"2026-01-08T00:00:00Z"` with no, three or six digits of a fraction → seconds
// and microseconds. Years of other than four digits are left to others.

const ZERO = 0x30;
const LENGTHS = { plain: 22, millis: 26, micros: 29 } as const;
const DAY_SECONDS = 86_400;

export interface InstantParts {
  /** Since 1970; may be negative. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly micros: number;
}

/** `start` and `end` are those of the quotes. null where the text is longer. */
export function readInstantParts(bytes: Uint8Array, start: number, end: number): InstantParts | null {
  const length = end - start;
  if (length !== LENGTHS.plain && length !== LENGTHS.millis && length !== LENGTHS.micros) return null;
  const days = daysSince1970(digits(bytes, start + 1, 4), digits(bytes, start + 6, 2), digits(bytes, start + 9, 2));
  const hours = digits(bytes, start + 12, 2);
  const minutes = hours * 60 + digits(bytes, start + 15, 2);
  const seconds = days * DAY_SECONDS + minutes * 60 + digits(bytes, start + 18, 2);
  if (!Number.isFinite(seconds)) return null;
  if (length === LENGTHS.plain) return { seconds, micros: 0 };
  const micros = length === LENGTHS.millis ? 1000 * digits(bytes, start + 21, 3) : digits(bytes, start + 21, 6);
  return Number.isFinite(micros) ? { seconds, micros } : null;
}

/** NaN where one is none. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}

/** Of the Gregorian calendar, by years that begin in March (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    marchYear * 365 +
    Math.floor(marchYear / 4) -
    Math.floor(marchYear / 100) +
    Math.floor(marchYear / 400) +
    dayOfYear -
    719_468
  );
}
