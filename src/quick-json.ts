// The fast path of short JSON texts: the engine's own parser, and a walk over what it returned. Whatever this file cannot
// vouch for (a mistake, a name that stands twice, a limit, digits that may be lost) is left to JsonReader, which says why.
import type { JsonLimits } from './json-limits.ts';
import type { Json } from './json-value.ts';

/** A text of this many characters is parsed in well under a millisecond. */
const SHORT_CHARACTERS = 16_384;

/** Where digits may be lost without a trace in the value: fractions of many digits, and exponents. */
const FRACTION_OR_EXPONENT = /\d[eE]|[\d.]{16}/;

/** Only then is the expression above worth its time: it looks at every character. */
const mayLoseDigits = (text: string): boolean =>
  (text.includes('.') || text.includes('e-') || text.includes('E-')) && FRACTION_OR_EXPONENT.test(text);

/** The value of a short text that is certainly sound and within `limits`; undefined where JsonReader has to look. */
export function readQuickly(text: string, limits: JsonLimits): Json | undefined {
  if (text.length > Math.min(SHORT_CHARACTERS, limits.values) || text.includes('\\u') || mayLoseDigits(text))
    return undefined;
  try {
    const value = JSON.parse(text) as Json;
    // JSON.parse keeps the last of two equal names. The colon of the other one is then in the text, but not in the value.
    return colonsOf(value, limits) === colonsIn(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

function colonsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1;
  return count;
}

/** Colons that `value` has when it is written; NaN where it is beyond a limit. */
function colonsOf(value: Json, limits: JsonLimits, depth = 0): number {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER ? Number.NaN : 0;
  if (typeof value === 'string') return value.length > limits.textCharacters ? Number.NaN : colonsIn(value);
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= limits.depth) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += colonsOf(item, limits, depth + 1);
  else {
    let names = 0;
    for (const name in value) {
      names += 1;
      if (names > limits.names) return Number.NaN;
      if (name.length > limits.nameCharacters) return Number.NaN;
      count +=
        1 + colonsIn(name) + colonsOf((value as { readonly [name: string]: Json })[name] as Json, limits, depth + 1);
    }
  }
  return count;
}
