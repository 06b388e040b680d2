// The forms in which feature values reach the user, the same from a lookup and from the rows of a snapshot.

/**
 * bool → boolean · int32, float32, float64 → number · int64 → number, or bigint beyond ±(2^53 - 1) · string → string ·
 * timestamp → RFC 3339 text in UTC with all its microseconds · list, vector → array of these · bytes → Uint8Array in rows,
 * base64 text in a lookup (JSON has no bytes) · map, struct → object · null → null. An object has the keys that look like
 * integers first, whatever order a map has: a feature with `as: keys` beside it says its order. A lookup's JSON shows no type, so a whole float from 2^53 up to
 * 10^21, of either sign, is a bigint there.
 */
export type FeatureValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly FeatureValue[]
  | { readonly [name: string]: FeatureValue };

export type FeatureRow = Record<string, FeatureValue>;

/** Names → a factory of objects with them as keys; a column may be named `__proto__`. */
export function objectFactory<T>(names: readonly string[]): (valueAt: (column: number) => unknown) => T {
  const start: () => Record<string, unknown> = names.includes('__proto__') ? () => Object.create(null) : () => ({});
  return (valueAt) => {
    const object = start();
    for (let column = 0; column < names.length; column += 1) object[names[column] as string] = valueAt(column);
    return object as T;
  };
}
