// Objects that are numbered under a name, such as versions of a training set and tokens of a lease.
import type { ObjectInfo } from './object-store.ts';

/** `numberOf`: the name and the number in a key; null: the object is left out. Numbers ascend. */
export function numbersByName(
  objects: readonly Pick<ObjectInfo, 'key'>[],
  numberOf: (key: string) => readonly [name: string, number: number] | null,
): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  for (const object of objects) {
    const found = numberOf(object.key);
    if (found === null) continue;
    const [name, number] = found;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, [number]);
    else known.push(number);
  }
  for (const known of numbers.values()) known.sort((left, right) => left - right);
  return numbers;
}
