// An event that a client sent → the text of it that the log keeps: JSON of its columns that are not null, in the order of the
// source, values in one form. What cannot be used is told, never repaired: an event is read again for years.

import type { EventMistake } from '../../../schemas/wire-types.ts';
import type { Source, TimestampUnit } from '../../catalog/catalog.ts';
import { formatInstant, parseInstant } from '../../instant.ts';
import type { Json, JsonObject } from '../../json-value.ts';
import { isJsonObject } from '../../lossless-json.ts';
import { nearestName } from '../../nearest.ts';
import { quote } from '../../quote.ts';
import { type ColumnReader, columnReader, isInYears } from './read-column.ts';

export interface EventProblem {
  readonly code: EventMistake;
  readonly message: string;
  /** A column; empty for the whole event. */
  readonly path: string;
}

export interface ReadEvent {
  /** Of the eventIdColumn. */
  readonly id: string | null;
  readonly eventMicros: bigint;
  readonly text: string;
}

export type EventReading = { readonly event: ReadEvent } | { readonly problem: EventProblem };

const MICROS_PER: Readonly<Record<TimestampUnit, bigint>> = { s: 1_000_000n, ms: 1000n, us: 1n };

export class EventTextReader {
  readonly #source: Source;
  readonly #columns: readonly (readonly [name: string, read: ColumnReader])[];
  readonly #required: readonly string[];

  /** `keys`: columns that views over the source have their join keys from. */
  constructor(source: Source, keys: ReadonlySet<string>) {
    this.#source = source;
    this.#columns = [...source.columns].map(([name, type]) => [name, columnReader(type)]);
    const id = source.stream?.eventIdColumn ?? null;
    this.#required = [source.timestampColumn, ...(id === null ? [] : [id]), ...keys];
  }

  /** `now`: wall time in microseconds. */
  read(json: Json, now: bigint): EventReading {
    if (!isJsonObject(json)) return problem('NOT_AN_OBJECT', '', 'expected an object with a value for each column');
    for (const name of Object.keys(json)) if (!this.#source.columns.has(name)) return this.#unknown(name);
    const missing = this.#required.find((name) => member(json, name) === null);
    if (missing !== undefined) return problem('MISSING_VALUE', missing, `expected ${this.#whyRequired(missing)}`);
    const texts = new Map<string, string>();
    for (const [name, read] of this.#columns) {
      const value = member(json, name);
      if (value === null) continue;
      const found = read(value);
      if (typeof found !== 'string') return problem(found.code, name, found.message);
      texts.set(name, found);
    }
    return this.#timed(texts, member(json, this.#source.timestampColumn), now);
  }

  #timed(texts: ReadonlyMap<string, string>, time: Json, now: bigint): EventReading {
    const { timestampColumn, timestampUnit, stream } = this.#source;
    const eventMicros = microsOf(time, timestampUnit);
    if (eventMicros === null || !isInYears(eventMicros))
      return problem('OUT_OF_RANGE', timestampColumn, 'expected an instant of the years 1 to 9999');
    if (eventMicros > now + (stream?.maxFutureMicros ?? 0n)) {
      const message = `${formatInstant(eventMicros)} is further ahead of the server's clock, ${formatInstant(now)}, than maxFuture of the source allows`;
      return problem('TOO_FAR_AHEAD', timestampColumn, message);
    }
    const idText = texts.get(stream?.eventIdColumn ?? '');
    const id = idText === undefined ? null : idText.startsWith('"') ? (JSON.parse(idText) as string) : idText;
    const written = [...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`);
    return { event: { id, eventMicros, text: `{${written.join(',')}}` } };
  }

  #unknown(name: string): EventReading {
    const names = [...this.#source.columns.keys()];
    const nearest = nearestName(name, names);
    const hint = nearest === null ? '' : `; did you mean ${nearest}?`;
    return problem('UNKNOWN_COLUMN', '', `source ${this.#source.name} has no column ${quote(name)}${hint}`);
  }

  #whyRequired(name: string): string {
    if (name === this.#source.timestampColumn) return 'the event time of the event';
    return name === this.#source.stream?.eventIdColumn
      ? 'the id of the event'
      : 'a value: views have their keys from it';
  }
}

/** Objects have more than their own names, such as `constructor`. */
const member = (json: JsonObject, name: string): Json => (Object.hasOwn(json, name) ? (json[name] ?? null) : null);

function microsOf(value: Json, unit: TimestampUnit | null): bigint | null {
  if (unit === null) return parseInstant(String(value));
  if (typeof value === 'number' && !Number.isInteger(value))
    return BigInt(Math.floor(value * Number(MICROS_PER[unit])));
  return BigInt(value as number | bigint | string) * MICROS_PER[unit];
}

const problem = (code: EventProblem['code'], path: string, message: string): EventReading => ({
  problem: { code, path, message },
});
