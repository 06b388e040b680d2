// Calendar arithmetic in UTC over the proleptic Gregorian calendar, on microseconds since 1970.
import { floorTo } from '../../src/instant.ts';

const SECOND = 1_000_000n;
const DAY = 86_400n * SECOND;
const FIXED: Readonly<Record<string, bigint>> = {
  second: SECOND,
  minute: 60n * SECOND,
  hour: 3600n * SECOND,
  day: DAY,
};

const dateOf = (micros: bigint): Date => new Date(Number(floorTo(micros, 1000n) / 1000n));

function startOf(year: number, month: number): bigint {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return BigInt(date.getTime()) * 1000n;
}

/** 1970-01-01 was a Thursday: Monday 1969-12-29 is the epoch minus three days. */
const mondayOf = (micros: bigint): bigint => floorTo(micros + 3n * DAY, 7n * DAY) - 3n * DAY;

export function dateTrunc(part: string, micros: bigint): bigint {
  const fixed = FIXED[part];
  if (fixed !== undefined) return floorTo(micros, fixed);
  const date = dateOf(micros);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (part === 'week') return mondayOf(micros);
  if (part === 'month') return startOf(year, month);
  return part === 'quarter' ? startOf(year, month - (month % 3)) : startOf(year, 0);
}

const PARTS: Readonly<Record<string, (micros: bigint, date: Date) => number>> = {
  second: (_, date) => date.getUTCSeconds(),
  minute: (_, date) => date.getUTCMinutes(),
  hour: (_, date) => date.getUTCHours(),
  day: (_, date) => date.getUTCDate(),
  month: (_, date) => date.getUTCMonth() + 1,
  quarter: (_, date) => Math.floor(date.getUTCMonth() / 3) + 1,
  year: (_, date) => date.getUTCFullYear(),
  dow: (_, date) => date.getUTCDay(),
  isodow: (_, date) => date.getUTCDay() || 7,
  doy: (micros, date) => Number((floorTo(micros, DAY) - startOf(date.getUTCFullYear(), 0)) / DAY) + 1,
  week: (micros) => Number((mondayOf(micros) - mondayOf(startOf(isoYear(micros), 0) + 3n * DAY)) / (7n * DAY)) + 1,
  isoyear: isoYear,
};

/** The year of the week's Thursday. */
function isoYear(micros: bigint): number {
  return dateOf(mondayOf(micros) + 3n * DAY).getUTCFullYear();
}

export function datePart(part: string, micros: bigint): bigint {
  const compute = PARTS[part];
  if (compute === undefined) throw new Error(`no part ${part}`);
  return BigInt(compute(micros, dateOf(micros)));
}
