// What Plumb answers for the project of ../e2e/shop.ts, worked out by hand: small enough to be read, and compared with the
// real server by the suites that run on both.

import { parseInstant } from '../../src/instant.ts';
import { type JsonObject, parseJson } from '../../src/lossless-json.ts';
import { CLICKS, PROFILES } from '../e2e/shop.ts';

const HOUR = 3_600_000_000n;
const DAY = 24n * HOUR;

const parseLines = (text: string): readonly JsonObject[] =>
  text
    .trim()
    .split('\n')
    .map((line) => parseJson(line, 'a line') as JsonObject);

const profiles = parseLines(PROFILES);
const clicks = parseLines(CLICKS);

export const FEATURES = ['profile__country', 'profile__points', 'spending__clicks_1d', 'spending__spend_1d'] as const;

export interface ShopRow {
  readonly values: readonly unknown[];
  readonly statuses: readonly string[];
}

const timeOf = (row: JsonObject): bigint => parseInstant(String(row.ts)) ?? 0n;
const sameKey = (row: JsonObject, key: unknown): boolean => key !== null && String(row.user_id) === String(key);

/** `micros`: the query time. `spending` is scheduled hourly without delay: its windows end at the hour. */
export function shopRow(key: unknown, micros: bigint): ShopRow {
  const profile = profiles.filter((row) => sameKey(row, key) && timeOf(row) <= micros).at(-1);
  const end = micros - (micros % HOUR);
  const inWindow = clicks.filter((row) => sameKey(row, key) && timeOf(row) >= end - DAY && timeOf(row) < end);
  const spent = inWindow.reduce((sum, { price }) => sum + Number(price), 0);
  const found = profile === undefined ? 'NOT_FOUND' : 'PRESENT';
  const clicked = inWindow.length === 0 ? 'NOT_FOUND' : 'PRESENT';
  return {
    values: [profile?.country ?? null, profile?.points ?? null, inWindow.length, inWindow.length === 0 ? null : spent],
    statuses: [found, found, clicked, clicked],
  };
}
