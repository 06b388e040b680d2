// JSON text → values without losing digits of integers, and with the position of a mistake. Knows nothing of features.
import { PlumbError } from '../schemas/errors.ts';
import { refuseRepeatedNames } from './repeated-names.ts';

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Without a run of 16 digits no integer can exceed 2^53, so the native parser loses nothing. */
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Integers outside ±(2^53 - 1) become bigint; every other number stays a double. INVALID_REQUEST with line and column, and
 * for a name that one object has twice.
 */
export function parseJson(text: string, what: string): Json {
  const value = parsed(text, what);
  refuseRepeatedNames(text, value, what);
  return value;
}

function parsed(text: string, what: string): Json {
  try {
    return (LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)) as Json;
  } catch (cause) {
    if (cause instanceof RangeError) throw new PlumbError('INVALID_REQUEST', `${what} is nested too deeply`, { cause });
    const { position, line, column } = locateMistake(text);
    const found = position >= text.length ? 'the end of the text' : JSON.stringify(text.slice(position, position + 12));
    const message = `${what} is not JSON: unexpected ${found} at line ${line}, column ${column}`;
    throw new PlumbError('INVALID_REQUEST', message, { details: { position, line, column }, cause });
  }
}

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keepDigits(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return INTEGER.test(source) ? BigInt(source) : value;
}

// V8's own messages give a position for some mistakes only, so the first offending token is found here.
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

type State = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end';

function locateMistake(text: string): { readonly position: number; readonly line: number; readonly column: number } {
  const position = mistakePosition(text);
  const before = text.slice(0, position);
  return { position, line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}

function mistakePosition(text: string): number {
  const open: string[] = [];
  let state: State = 'value';
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = tokenEnd(text, at);
    const next: State | null = end === null ? null : advance(state, text[at] as string, open);
    if (end === null || next === null) return at;
    state = next;
    at = skipSpace(text, end);
  }
  return at;
}

/** The state after a token that starts with `first`; null where that token may not stand here. */
function advance(state: State, first: string, open: string[]): State | null {
  if (first === ':') return state === ':' ? 'value' : null;
  if (first === ',') {
    if (state !== ', or end' || open.length === 0) return null;
    return open.at(-1) === '{' ? 'name' : 'value';
  }
  if (first === '}' || first === ']') {
    const closes = open.at(-1) === (first === '}' ? '{' : '[');
    if (!closes || (state !== ', or end' && state !== (first === '}' ? 'name or }' : 'value or ]'))) return null;
    open.pop();
    return ', or end';
  }
  if (state === 'name' || state === 'name or }') return first === '"' ? ':' : null;
  if (state !== 'value' && state !== 'value or ]') return null;
  if (first !== '{' && first !== '[') return ', or end';
  open.push(first);
  return first === '{' ? 'name or }' : 'value or ]';
}

function tokenEnd(text: string, at: number): number | null {
  const first = text[at] as string;
  if ('{}[]:,'.includes(first)) return at + 1;
  if (first === '"') return stringEnd(text, at);
  const end = skip(SCALAR, text, at);
  return end === at ? null : end;
}

/** A loop and no expression: a backtracking one overflows its stack on a string of some megabytes. */
function stringEnd(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return null;
    if (code !== 0x5c) continue;
    const end = skip(ESCAPE, text, at);
    if (end === at) return null;
    at = end - 1;
  }
  return null;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at++;
  return at;
}
