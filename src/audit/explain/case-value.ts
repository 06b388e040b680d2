// Values as JSON for the readers of conformance cases.
import type { DataType, Value } from '../../../schemas/types.ts';
import { isJsonObject, type Json } from '../../lossless-json.ts';
import { jsonValue } from '../value-text.ts';

/** Readers of cases parse plain JSON: integers beyond 2^53 are text. */
export const withDigits = (json: Json): Json =>
  typeof json === 'bigint'
    ? `${json}`
    : Array.isArray(json)
      ? json.map(withDigits)
      : isJsonObject(json)
        ? Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withDigits(value)]))
        : json;

export const caseValue = (type: DataType, value: Value): Json => withDigits(jsonValue(value, type));
