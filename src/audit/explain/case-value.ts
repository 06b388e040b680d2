// Values as JSON: as answers write them, and for the readers of conformance cases.
import type { DataType, Value } from '../../../schemas/types.ts';
import { type Json, parseJson } from '../../lossless-json.ts';
import { valueText } from '../../online/value-json.ts';

export const answerValue = (type: DataType, value: Value): Json =>
  parseJson(Buffer.from(valueText(type, value)).toString(), 'a value');

/** Readers of cases parse plain JSON: integers beyond 2^53 are text. */
export const withDigits = (json: Json): Json =>
  typeof json === 'bigint' ? `${json}` : Array.isArray(json) ? json.map(withDigits) : json;

export const caseValue = (type: DataType, value: Value): Json => withDigits(answerValue(type, value));
