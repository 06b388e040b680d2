// JSON text → values without losing digits of integers, and with the position of a mistake. Knows nothing of features.
import { type JsonLimits, NO_LIMITS } from './json-limits.ts';
import { JsonReader } from './json-reader.ts';
import type { Json, JsonObject } from './json-value.ts';
import { readQuickly } from './quick-json.ts';
import { nextTurn } from './turns.ts';

export type { Json, JsonObject } from './json-value.ts';

/** Integers outside ±(2^53 - 1) become bigint; every other number stays a double. INVALID_REQUEST with line and column. */
export function parseJson(text: string, what: string): Json {
  const quick = readQuickly(text, NO_LIMITS);
  if (quick !== undefined) return quick;
  const reader = new JsonReader(text, what, NO_LIMITS);
  while (!reader.read(Infinity));
  return reader.result;
}

/** Some 5 ms. */
const TOKENS_PER_TURN = 25_000;

/** The same within limits, and other work gets its turn in between. */
export async function parseJsonInTurns(text: string, what: string, limits: JsonLimits): Promise<Json> {
  const quick = readQuickly(text, limits);
  if (quick !== undefined) return quick;
  const reader = new JsonReader(text, what, limits);
  while (!reader.read(TOKENS_PER_TURN)) await nextTurn();
  return reader.result;
}

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
