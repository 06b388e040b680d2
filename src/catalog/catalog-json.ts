// Plain data ↔ JSON without loss. JSON's own values stay as they are; the others become an object with one `$` key:
//   bigint      {"$int": "9223372036854775807"}
//   Uint8Array  {"$bytes": "AQI="}                      base64
//   Map         {"$map": [[key, value], …]}             in its order
//   an object that has a key starting with `$`  {"$object": [[key, value], …]}
// undefined, functions, NaN and infinities have no place in a catalog and are refused.
import { PlumbError } from '../../schemas/errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function encode(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return { $int: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Map) return { $map: encodeEntries([...value]) };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'object') return encodeObject(Object.entries(value));
  throw new PlumbError('INTERNAL', `a catalog cannot hold ${String(value)}`);
}

const encodeEntries = (entries: readonly (readonly [unknown, unknown])[]): Json =>
  entries.map(([key, value]) => [encode(key), encode(value)]);

const encodeObject = (entries: readonly (readonly [string, unknown])[]): Json =>
  entries.some(([key]) => key.startsWith('$'))
    ? { $object: encodeEntries(entries) }
    : Object.fromEntries(entries.map(([key, value]) => [key, encode(value)]));

/** What `encode` answered → the same data, objects and arrays frozen. STORAGE_CORRUPT for anything else. */
export function decode(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return Object.freeze(json.map(decode));
  const keys = Object.keys(json);
  const tag = keys.length === 1 ? keys[0] : undefined;
  if (tag?.startsWith('$') !== true) return decodeObject(Object.entries(json));
  return decodeTagged(tag, json[tag]);
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);

const decodeObject = (entries: readonly (readonly [string, Json])[]): unknown =>
  Object.freeze(Object.fromEntries(entries.map(([key, value]) => [key, decode(value)])));

function decodeTagged(tag: string, json: Json | undefined): unknown {
  if (tag === '$int' && typeof json === 'string' && /^-?\d+$/.test(json)) return BigInt(json);
  if (tag === '$bytes' && typeof json === 'string') return new Uint8Array(Buffer.from(json, 'base64'));
  if (tag === '$map') return new Map(decodeEntries(json));
  if (tag === '$object') return Object.freeze(Object.fromEntries(decodeEntries(json)));
  throw corrupt(tag);
}

function decodeEntries(json: Json | undefined): [string, unknown][] {
  if (json === undefined || !isList(json)) throw corrupt('entries');
  return json.map((entry) => {
    if (!isPair(entry)) throw corrupt('an entry');
    return [entry[0], decode(entry[1])];
  });
}

const isPair = (entry: Json): entry is readonly [string, Json] =>
  Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string';

const corrupt = (what: string): PlumbError =>
  new PlumbError('STORAGE_CORRUPT', `a stored catalog holds an unreadable ${what}`);
