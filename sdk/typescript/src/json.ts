// JSON that keeps every digit of an integer: beyond ±(2^53 - 1) it is a bigint, in both directions. Engines that show the
// source text of a number (Node 22, Chrome 114, Firefox 135, Safari 18.4 and newer) are asked for it; for others the long
// integers are put into marked strings before the text is parsed. Both ways give the same values.

type Reviver = (name: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** An integer of 16 digits or more, outside of a fraction; without one the native parser loses nothing. */
const LONG_INTEGER = /(?<![\d.])\d{16}/;
const INTEGER = /^-?\d+$/;
/** No text that anybody else wrote has it. */
const MARK = `int64-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

const showsSource = ((): boolean => {
  let seen = false;
  const look: Reviver = (_name, value, context) => {
    seen = context?.source === '1';
    return value;
  };
  JSON.parse('1', look);
  return seen;
})();

/** SyntaxError where it is no JSON. */
export function parseJson(text: string, withSource: boolean = showsSource): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  return withSource ? JSON.parse(text, fromSource as Parameters<typeof JSON.parse>[1]) : parseMarked(text);
}

/** A bigint is written as a number, with all its digits. TypeError for NaN and the infinities, which JSON lacks. */
export function stringifyJson(value: unknown): string {
  let marked = false;
  const text = JSON.stringify(value, (name, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item))
      throw new TypeError(`${name}: found ${item}, which JSON does not have; expected a number or null`);
    if (typeof item !== 'bigint') return item;
    marked = true;
    return `${MARK}${item}`;
  });
  return marked ? text.replaceAll(MARKED, '$1') : text;
}

const fromSource: Reviver = (_name, value, context) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return INTEGER.test(source) ? BigInt(source) : value;
};

function parseMarked(text: string): unknown {
  return JSON.parse(markLongIntegers(text), (_name, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
    const integer = BigInt(value.slice(MARK.length));
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
  });
}

/** A number, or the opening quote of a string. */
const TOKEN = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function markLongIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    if (token === '"') {
      TOKEN.lastIndex = stringEnd(text, match.index);
    } else if (token.length >= 16 && INTEGER.test(token)) {
      pieces.push(text.slice(copied, match.index), `"${MARK}${token}"`);
      copied = match.index + token.length;
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(copied);
}

/** After the closing quote; the end of the text where there is none. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
