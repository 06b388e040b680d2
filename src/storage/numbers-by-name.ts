// Objects that are numbered under a name, such as versions of a training set and tokens of a lease.
import type { ObjectInfo } from './object-store.ts';

/** `key` has the name and the number as its groups; keys that it does not match are left out. Numbers ascend. */
export function numbersByName(
  objects: readonly Pick<ObjectInfo, 'key'>[],
  key: RegExp,
): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  for (const object of objects) {
    const [, name, number] = key.exec(object.key) ?? [];
    if (name === undefined) continue;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, [Number(number)]);
    else known.push(Number(number));
  }
  for (const known of numbers.values()) known.sort((left, right) => left - right);
  return numbers;
}
