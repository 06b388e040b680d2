// Whether what came out of a label column is what went in: the same text, number to its last digit, instant or list.
import { parseInstant } from '../oracle/instants.ts';

/** A number with the text that stood in the file. */
export class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON with the text of each number. */
export function parseDigits(json: string): unknown {
  const keep = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
  return (JSON.parse as (text: string, reviver: typeof keep) => unknown)(json, keep);
}

export function isSameValue(got: unknown, want: unknown): boolean {
  if (want instanceof Digits) return isSameNumber(got instanceof Digits ? got.text : got, want.text);
  if (Array.isArray(want)) {
    return Array.isArray(got) && got.length === want.length && want.every((item, i) => isSameValue(got[i], item));
  }
  if (typeof want === 'string') return got === want || isSameText(got, want);
  if (typeof want === 'object' && want !== null) {
    if (typeof got !== 'object' || got === null) return false;
    return Object.entries(want).every(([name, value]) => isSameValue((got as Record<string, unknown>)[name], value));
  }
  return got === want;
}

/** Text that a reader took for a number, a boolean or an instant. */
function isSameText(got: unknown, want: string): boolean {
  if (got instanceof Digits) return isSameNumber(got.text, want);
  if (typeof got === 'boolean') return String(got) === want.toLowerCase();
  if (got === null) return want === '' || /^[-+]?(nan|inf|infinity)$/i.test(want);
  return typeof got === 'string' && instantOf(got) !== undefined && instantOf(got) === instantOf(want);
}

function instantOf(text: string): bigint | undefined {
  try {
    return parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  } catch {
    return undefined;
  }
}

function isSameNumber(got: unknown, want: string): boolean {
  if (typeof got !== 'string') return false;
  if (got === want) return true;
  const [a, b] = [fractionOf(got), fractionOf(want)];
  return a !== undefined && b !== undefined && a.digits * 10n ** b.scale === b.digits * 10n ** a.scale;
}

function fractionOf(text: string): { readonly digits: bigint; readonly scale: bigint } | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d{1,3}))?$/i.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const power = BigInt(exponent) - BigInt(fraction.length);
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return power >= 0n ? { digits: digits * 10n ** power, scale: 0n } : { digits, scale: -power };
}
