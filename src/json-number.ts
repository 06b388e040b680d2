// The text of a JSON number → a value that stands for no other number.
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;

export const isNumber = (source: string): boolean => NUMBER.test(source);

/**
 * Beyond ±(2^53 - 1) a bigint. null: a fraction that would be rounded to a whole number, which may be somebody's key, or a
 * number beyond all doubles.
 */
export function exactNumber(source: string): number | bigint | null {
  const value = Number(source);
  if (INTEGER.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  if (!Number.isInteger(value)) return Number.isFinite(value) ? value : null;
  return Number.isSafeInteger(value) && !isWhole(source) ? null : value;
}

/** Of a number that is written with a point or an exponent. */
function isWhole(source: string): boolean {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/0+$/, '');
  if (!/[1-9]/.test(digits)) return true;
  return digits.length - whole.length <= Number(exponent);
}
