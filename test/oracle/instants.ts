// Instants are bigint microseconds since 1970 UTC; durations are bigint microseconds.

export const SECOND = 1_000_000n;
export const DAY = 86_400n * SECOND;
/** By the `timestampUnit` of a source whose instants are numbers. */
export const MICROS_PER_UNIT = { s: SECOND, ms: 1000n, us: 1n } as const;

const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/** Reads timestamp text; without a zone it is UTC, digits after the sixth are floored. */
export function parseInstant(text: string): bigint {
  const match = INSTANT.exec(text);
  if (!match) throw new Error(`not an instant: ${text}`);
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const wholeSeconds = BigInt(Date.parse(`${date}T${time}${zone.replace(/(\d\d):?(\d\d)$/, '$1:$2')}`)) * 1000n;
  return wholeSeconds + BigInt(fraction.padEnd(6, '0').slice(0, 6)); // the fraction always counts upward: this floors
}

/** With as many fraction digits as it needs: none, 3 or 6, as maps of instants have their keys. */
export function formatInstant(micros: bigint): string {
  const second = floorTo(micros, SECOND);
  const digits = String(micros - second)
    .padStart(6, '0')
    .replace(/000$/, '');
  const fraction = micros === second ? '' : `.${digits}`;
  return `${new Date(Number(second / 1000n)).toISOString().slice(0, 19)}${fraction}Z`;
}

const UNITS: Record<string, bigint> = { s: SECOND, m: 60n * SECOND, h: 3600n * SECOND, d: DAY };

export function parseDuration(text: string): bigint {
  const unit = UNITS[text.slice(-1)];
  if (unit === undefined || !/^\d+[smhd]$/.test(text)) throw new Error(`not a duration: ${text}`);
  return BigInt(text.slice(0, -1)) * unit;
}

/** The largest multiple of step that is <= x, also below zero (bigint division truncates toward zero). */
export function floorTo(x: bigint, step: bigint): bigint {
  const rest = ((x % step) + step) % step;
  return x - rest;
}
