// A lookup's answer → the JSON text that HTTP and the CLI send (schemas/wire.ts has the contract).
import { formatInstant } from '../instant.ts';
import type { LookupAnswer } from './lookup.ts';
import { type Int64Form, type ValueWriter, valueWriter } from './value-json.ts';

export function answerText(answer: LookupAnswer, int64: Int64Form = 'number'): string {
  const { service, version, features, statuses, eventTimes, asOf, atMicros } = answer;
  let text = `{"service":${JSON.stringify(service)},"version":${version},"features":${JSON.stringify(features)}`;
  text += `,"rows":${rowsText(answer, int64)}`;
  if (statuses !== null) text += `,"statuses":${JSON.stringify(statuses)}`;
  if (eventTimes !== null) text += `,"eventTimes":${JSON.stringify(eventTimes.map((row) => row.map(instantOrNull)))}`;
  if (asOf !== null) text += `,"asOf":${JSON.stringify(asOfTexts(asOf))}`;
  return `${text},"at":"${formatInstant(atMicros)}"}`;
}

function rowsText({ rows, types }: LookupAnswer, int64: Int64Form): string {
  const writers = types.map((type) => valueWriter(type, int64));
  let text = '[';
  for (let row = 0; row < rows.length; row += 1) text += (row === 0 ? '' : ',') + rowText(rows[row] ?? [], writers);
  return `${text}]`;
}

function rowText(values: LookupAnswer['rows'][number], writers: readonly ValueWriter[]): string {
  let text = '[';
  for (let column = 0; column < writers.length; column += 1) {
    if (column > 0) text += ',';
    text += writers[column]?.(values[column] ?? null);
  }
  return `${text}]`;
}

const instantOrNull = (micros: bigint | null): string | null => (micros === null ? null : formatInstant(micros));

const asOfTexts = (asOf: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(asOf).map(([view, micros]) => [view, formatInstant(micros)]));
