// Where the parts of the text of a list, a map or a struct lie: their parts are scalars.
import { notOf } from './column.ts';

const [OPEN, CLOSE, COMMA, QUOTE, BACKSLASH, COLON] = [0x5b, 0x5d, 0x2c, 0x22, 0x5c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

type Part = (bytes: Uint8Array, start: number, end: number) => void;

/** Gives each element of `[a,b,null]` to `add`, and returns how many there are. SyntaxError where the text is no list. */
export function eachElement(bytes: Uint8Array, start: number, end: number, add: Part): number {
  const last = end - 1;
  if (bytes[start] !== OPEN || bytes[last] !== CLOSE) throw notOf('a list', bytes, start, end);
  if (last === start + 1) return 0;
  let count = 0;
  for (let at = start + 1; at <= last; count += 1) {
    const elementEnd = scalarEnd(bytes, at, last);
    add(bytes, at, elementEnd);
    at = elementEnd + 1;
  }
  return count;
}

/** Of each entry of `{"a":1,"b":null}` the key, quoted, to `addKey`, and the value to `addValue`; returns how many there are. */
export function eachEntry(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  addKey: Part,
  addValue: Part,
): number {
  const last = end - 1;
  if (bytes[start] !== OPEN_OBJECT || bytes[last] !== CLOSE_OBJECT) throw notOf('an object', bytes, start, end);
  if (last === start + 1) return 0;
  let count = 0;
  for (let at = start + 1; at <= last; count += 1) {
    const keyEnd = quotedEnd(bytes, at, last);
    if (bytes[at] !== QUOTE || bytes[keyEnd] !== COLON) throw notOf('an object', bytes, start, end);
    addKey(bytes, at, keyEnd);
    const valueEnd = scalarEnd(bytes, keyEnd + 1, last);
    addValue(bytes, keyEnd + 1, valueEnd);
    at = valueEnd + 1;
  }
  return count;
}

const scalarEnd = (bytes: Uint8Array, start: number, limit: number): number =>
  bytes[start] === QUOTE ? quotedEnd(bytes, start, limit) : plainEnd(bytes, start, limit);

function plainEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && bytes[at] !== COMMA) at += 1;
  return at;
}

function quotedEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start + 1;
  while (at < limit && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, limit);
}
