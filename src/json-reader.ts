// JSON text → values, a few tokens at a time, so that a long text holds nobody up. Stricter than JSON.parse: a name stands
// once in an object, no digit of an integer is lost, and everything has a greatest length, looked at before the thing itself.
import { PlumbError } from '../schemas/errors.ts';
import type { JsonLimits } from './json-limits.ts';
import { exactNumber, isNumber } from './json-number.ts';
import type { Json } from './json-value.ts';
import { quote } from './quote.ts';

/** More than the smallest double has when all its digits are written. */
const MOST_NUMBER_CHARACTERS = 1100;

type State = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end';
type Container = Json[] | Record<string, Json>;

interface Level {
  readonly container: Container;
  readonly isList: boolean;
  /** Of the value that comes next. */
  name: string;
  count: number;
}

export class JsonReader {
  readonly #text: string;
  readonly #what: string;
  readonly #limits: JsonLimits;
  readonly #open: Level[] = [];
  #level: Level | null = null;
  #state: State = 'value';
  #at = 0;
  #values = 0;
  #result: Json = null;

  /** `what` is named in messages: `the request body`. */
  constructor(text: string, what: string, limits: JsonLimits) {
    this.#text = text;
    this.#what = what;
    this.#limits = limits;
  }

  /** Reads on, `most` tokens at most; whether the end was reached. INVALID_REQUEST or TOO_LARGE with line and column. */
  read(most: number): boolean {
    const text = this.#text;
    for (let tokens = 0; tokens < most; tokens += 1) {
      this.#at = skipSpace(text, this.#at);
      if (isSpace(text.charCodeAt(this.#at))) return false;
      if (this.#at >= text.length) return this.#end();
      this.#token(text.charCodeAt(this.#at));
    }
    return false;
  }

  get result(): Json {
    return this.#result;
  }

  #end(): true {
    if (this.#state === ', or end' && this.#level === null) return true;
    throw this.#unexpected();
  }

  #token(code: number): void {
    if (code === COMMA) this.#comma();
    else if (code === COLON) this.#expect(':', 'value');
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#close(code);
    else if (this.#state === 'name' || this.#state === 'name or }') this.#name(code);
    else if (this.#state === 'value' || this.#state === 'value or ]') this.#value(code);
    else throw this.#unexpected();
  }

  #expect(state: State, next: State): void {
    if (this.#state !== state) throw this.#unexpected();
    this.#state = next;
    this.#at += 1;
  }

  #comma(): void {
    if (this.#level === null) throw this.#unexpected();
    this.#expect(', or end', this.#level.isList ? 'value' : 'name');
  }

  #close(code: number): void {
    const isList = code === CLOSE_LIST;
    if (this.#level === null || this.#level.isList !== isList) throw this.#unexpected();
    if (this.#state !== ', or end' && this.#state !== (isList ? 'value or ]' : 'name or }')) throw this.#unexpected();
    this.#open.pop();
    this.#level = this.#open.at(-1) ?? null;
    this.#state = ', or end';
    this.#at += 1;
  }

  #name(code: number): void {
    const level = this.#level as Level;
    const start = this.#at;
    const name = code === QUOTE ? this.#string(this.#limits.nameCharacters, 'name') : null;
    if (name === null) throw this.#unexpected();
    if (Object.hasOwn(level.container, name))
      throw this.#mistake(`the name ${quote(name)} stands twice in one object`, start);
    level.count += 1;
    if (level.count > this.#limits.names) throw this.#tooMany('names in one object', this.#limits.names, start);
    level.name = name;
    this.#state = ':';
  }

  #value(code: number): void {
    this.#values += 1;
    if (this.#values > this.#limits.values) throw this.#tooMany('values', this.#limits.values);
    if (code === OPEN_OBJECT) this.#push({}, false);
    else if (code === OPEN_LIST) this.#push([], true);
    else {
      this.#put(code === QUOTE ? this.#string(this.#limits.textCharacters, 'text') : this.#scalar(code));
      this.#state = ', or end';
    }
  }

  #push(container: Container, isList: boolean): void {
    if (this.#open.length >= this.#limits.depth) throw this.#tooMany('levels of lists and objects', this.#limits.depth);
    this.#put(container);
    this.#level = { container, isList, name: '', count: 0 };
    this.#open.push(this.#level);
    this.#state = isList ? 'value or ]' : 'name or }';
    this.#at += 1;
  }

  #put(value: Json): void {
    const level = this.#level;
    if (level === null) this.#result = value;
    else if (level.isList) (level.container as Json[]).push(value);
    else if (level.name === '__proto__') define(level.container, level.name, value);
    else (level.container as Record<string, Json>)[level.name] = value;
  }

  #string(most: number, what: string): string {
    const text = this.#text;
    const start = this.#at + 1;
    let end = start;
    let hasEscapes = false;
    for (; ; end += 1) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) break;
      // NaN past the end: every comparison with it is false.
      if (!(code >= SPACE)) throw this.#unexpected();
      if (end - start >= most) throw this.#tooMany(`characters in one ${what}`, most);
      if (code !== BACKSLASH) continue;
      hasEscapes = true;
      end += 1;
    }
    const value = hasEscapes ? this.#unescaped(text.slice(start - 1, end + 1)) : text.slice(start, end);
    this.#at = end + 1;
    return value;
  }

  #unescaped(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.#unexpected();
    }
  }

  #scalar(code: number): Json {
    if (code === MINUS || isDigit(code)) return this.#number();
    for (const [word, value] of WORDS) {
      const end = this.#at + word.length;
      if (!this.#text.startsWith(word, this.#at) || isNumberOrWord(this.#text.charCodeAt(end))) continue;
      this.#at = end;
      return value;
    }
    throw this.#unexpected();
  }

  #number(): number | bigint {
    const text = this.#text;
    let end = this.#at + 1;
    while (isNumberOrWord(text.charCodeAt(end))) {
      end += 1;
      if (end - this.#at > MOST_NUMBER_CHARACTERS)
        throw this.#tooMany('characters in one number', MOST_NUMBER_CHARACTERS);
    }
    const source = text.slice(this.#at, end);
    if (!isNumber(source)) throw this.#unexpected();
    const value = exactNumber(source);
    if (value === null) throw this.#mistake(`the number ${quote(source)} is none that a double can hold`);
    this.#at = end;
    return value;
  }

  #unexpected(): PlumbError {
    const found =
      this.#at >= this.#text.length ? 'the end of the text' : quote(this.#text.slice(this.#at, this.#at + 12));
    return this.#failure('INVALID_REQUEST', `is not JSON: unexpected ${found}`, this.#at);
  }

  #mistake = (what: string, at: number = this.#at): PlumbError => this.#failure('INVALID_REQUEST', `: ${what}`, at);

  #tooMany = (what: string, most: number, at: number = this.#at): PlumbError =>
    this.#failure('TOO_LARGE', `: found more than ${most} ${what}`, at, { limit: what, most });

  #failure(code: 'INVALID_REQUEST' | 'TOO_LARGE', what: string, position: number, more: object = {}): PlumbError {
    const line = lineOf(this.#text, position);
    const column = position - (position === 0 ? -1 : this.#text.lastIndexOf('\n', position - 1));
    const gap = what.startsWith(':') ? '' : ' ';
    return new PlumbError(code, `${this.#what}${gap}${what} at line ${line}, column ${column}`, {
      details: { position, line, column, ...more },
    });
  }
}

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, SPACE] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d, 0x20];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/** An own property, where an assignment would set the prototype. */
function define(container: Container, name: string, value: Json): void {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** What may not follow a number or a word: `01`, `truex`, `1.2.3` are no values. */
const isNumberOrWord = (code: number): boolean =>
  isDigit(code) || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || isSign(code);
const isSign = (code: number): boolean => code === 0x2b || code === 0x2d || code === 0x2e;

/** Of more space than that, the rest is for the next turn. */
const MOST_SPACE = 1_000_000;

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at)) && at - start < MOST_SPACE) at += 1;
  return at;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function lineOf(text: string, position: number): number {
  let line = 1;
  for (let at = 0; at < position; at += 1) if (text.charCodeAt(at) === 0x0a) line += 1;
  return line;
}
