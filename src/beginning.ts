// The beginning of a value, for messages that show some 60 characters of it: however large it is, a part is looked at.
import { quoteInteger } from './quote.ts';

/** Each writes two characters at least. */
const MOST_VALUES = 64;
const MOST_CHARACTERS = 128;

/** Of JSON-like values; whatever has a form of its own (`toJSON`) is left as it is. */
export function beginningOf(value: unknown): unknown {
  let rest = MOST_VALUES;
  const copy = (found: unknown): unknown => {
    rest -= 1;
    if (typeof found === 'string') return found.slice(0, MOST_CHARACTERS);
    if (typeof found === 'bigint') return quoteInteger(found);
    if (typeof found !== 'object' || found === null || 'toJSON' in found) return found;
    return Array.isArray(found) ? copyList(found) : copyObject(found);
  };
  const copyList = (list: readonly unknown[]): unknown[] => {
    const result: unknown[] = [];
    for (let at = 0; at < list.length && rest > 0; at += 1) result.push(copy(list[at]));
    return result;
  };
  const copyObject = (object: object): Record<string, unknown> => {
    const result: Record<string, unknown> = Object.create(null);
    for (const name in object) {
      if (rest <= 0) break;
      if (Object.hasOwn(object, name)) result[name.slice(0, MOST_CHARACTERS)] = copy(Reflect.get(object, name));
    }
    return result;
  };
  return copy(value);
}
