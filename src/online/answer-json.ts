// A lookup's answer → the JSON text that HTTP and the CLI send (schemas/wire.ts has the contract).
import { formatInstant } from '../instant.ts';
import type { LookupAnswer } from './lookup.ts';
import { type Int64Form, jsonConverter } from './value-json.ts';

export function answerText(answer: LookupAnswer, int64: Int64Form = 'number'): string {
  const { service, version, features, statuses, eventTimes, asOf, atMicros } = answer;
  // Members that are undefined are not written.
  return JSON.stringify({
    service,
    version,
    features,
    rows: jsonRows(answer, int64),
    statuses: statuses ?? undefined,
    eventTimes: eventTimes?.map((row) => row.map((micros) => (micros === null ? null : formatInstant(micros)))),
    asOf: asOf === null ? undefined : instantTexts(asOf),
    at: formatInstant(atMicros),
  });
}

function jsonRows({ rows, types }: LookupAnswer, int64: Int64Form): readonly (readonly unknown[])[] {
  const converters = types.map((type) => jsonConverter(type, int64));
  if (converters.every((convert) => convert === null)) return rows;
  return rows.map((row) => row.map((value, column) => converters[column]?.(value) ?? value));
}

const instantTexts = (instants: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(instants).map(([view, micros]) => [view, formatInstant(micros)]));
