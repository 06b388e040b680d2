// Instants and durations: int64 microseconds, as text (schemas/instant-text.ts writes it) and back.
import { PlumbError } from '../schemas/errors.ts';
import { CYCLE_MICROS, CYCLE_YEARS, yearsLater } from '../schemas/instant-text.ts';

export { formatInstant } from '../schemas/instant-text.ts';

const UNIT_MICROS: Readonly<Record<string, bigint>> = {
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
};
const INSTANT =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s?(?:(Z|z)|([+-])(\d\d):?(\d\d)?)?)?$/;

/** Six digits and a sign are for the years that four digits cannot say. */
const NEEDLESS_YEAR = /^(?:\+00|-000000)/;

/** 1,000 years: instants less a duration stay far within int64. */
const LONGEST_DURATION = 365_250n * 86_400_000_000n;

/** `1s`, `10m`, `1h`, `7d` → microseconds; null when it is none (zero and more than 1,000 years included). */
export function parseDuration(text: string): bigint | null {
  const match = /^([1-9]\d{0,9})(s|m|h|d)$/.exec(text);
  const unit = UNIT_MICROS[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) return null;
  const micros = BigInt(match[1]) * unit;
  return micros <= LONGEST_DURATION ? micros : null;
}

/** Microseconds → the shortest of `7d`, `168h`, … that is exact. */
export function formatDuration(micros: bigint): string {
  if (micros === 0n) return '0s';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = UNIT_MICROS[unit] as bigint;
    if (micros % size === 0n) return `${micros / size}${unit}`;
  }
  return `${micros}us`;
}

/** RFC 3339 text → microseconds since 1970; without a zone it is UTC, finer digits floor; null when it is no instant. */
export function parseInstant(text: string): bigint | null {
  const match = INSTANT.exec(text);
  if (match === null || NEEDLESS_YEAR.test(text)) return null;
  const [
    ,
    year,
    month,
    day,
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    ,
    sign,
    offsetHour,
    offsetMinute,
  ] = match;
  const millis = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(millis);
  date.setUTCFullYear(Number(year));
  const valid =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(offsetHour ?? 0) < 24 &&
    Number(offsetMinute ?? 0) < 60;
  if (!valid || Number.isNaN(date.getTime())) return null;
  const offsetMinutes = (sign === '-' ? -1n : 1n) * (BigInt(offsetHour ?? 0) * 60n + BigInt(offsetMinute ?? 0));
  return BigInt(date.getTime()) * 1000n - offsetMinutes * 60_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** The inverse of formatInstant for every int64, years beyond `Date` included; null for other text. */
export function readFormattedInstant(text: string): bigint | null {
  const year = Number(/^([+-]\d{6})-/.exec(text)?.[1] ?? 0);
  if (Math.abs(year) < 270_000) return parseInstant(text);
  const micros = parseInstant(yearsLater(text, year > 0 ? -CYCLE_YEARS : CYCLE_YEARS));
  return micros === null ? null : micros + (year > 0 ? CYCLE_MICROS : -CYCLE_MICROS);
}

/** Floor toward minus infinity to a multiple of `step`, from the epoch. */
export function floorTo(micros: bigint, step: bigint): bigint {
  const rest = micros % step;
  return rest < 0n ? micros - rest - step : micros - rest;
}

export const nowMicros = (): bigint => BigInt(Date.now()) * 1000n;

/** `now`, `now-2d` and the like, of the clock given, or RFC 3339; other text is refused with the place named. */
export function requireInstantOrNow(text: string, path: string, now: bigint): bigint {
  if (text === 'now') return now;
  if (!text.startsWith('now')) return requireInstant(text, path);
  const ago = text.startsWith('now-') ? parseDuration(text.slice('now-'.length)) : null;
  if (ago !== null) return now - ago;
  throw new PlumbError(
    'INVALID_REQUEST',
    `${path}: found ${JSON.stringify(text)}, expected now, a duration before it such as now-7d, or an RFC 3339 instant`,
    { details: { path } },
  );
}

/** Like parseInstant, but refuses with the place named. */
export function requireInstant(text: string, path: string): bigint {
  const micros = parseInstant(text);
  if (micros !== null) return micros;
  throw new PlumbError(
    'INVALID_REQUEST',
    `${path}: found ${JSON.stringify(text)}, expected an RFC 3339 instant such as 2026-01-08T00:00:00Z`,
    { details: { path } },
  );
}
