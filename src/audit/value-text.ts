// Values as JSON, for reports and cases: as lookups write them, int64 with all digits (as bigint).
import { type DataType, shapeOf, type Value } from '../../schemas/types.ts';
import { jsonLine } from '../json-text.ts';
import { isJsonObject, type Json, parseJson } from '../lossless-json.ts';
import { type Int64Form, int64Quotes, textReader, valueText } from '../online/value-json.ts';

export function jsonValue(value: Value, type: DataType, int64: Int64Form = 'number'): Json {
  const text = Buffer.from(valueText(type, value)).toString();
  const quotes = int64 === 'string' ? int64Quotes(type) : null;
  return parseJson(quotes === null ? text : quotes(text), 'a value');
}

/** Back from what an answer has, in either form of int64. An object holds keys of a map that look like integers first. */
export function valueOfJson(json: Json, type: DataType): Value {
  if (json === null) return null;
  const shape = shapeOf(type);
  const object = isJsonObject(json) ? json : {};
  if (shape.kind === 'map') return Object.entries(object).map(([key, value]) => [key, valueOfJson(value, shape.value)]);
  if (shape.kind === 'struct') return shape.fields.map((field) => valueOfJson(object[field.name] ?? null, field.type));
  const text = jsonLine(json);
  return textReader(type)(int64Quotes(type) === null ? text : text.replaceAll('"', ''));
}

/** Equal for equal keys of one view. */
export const keyText = (key: readonly Value[]): string =>
  key.map((value) => JSON.stringify(typeof value === 'bigint' ? `${value}` : value)).join(' ');
