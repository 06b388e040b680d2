// Names that definitions may refer to: finds what was resolved, and tells the nearest valid name where nothing was.
import { show } from '../contract-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import type { Mistakes, Place } from './mistakes.ts';

export interface Scope<T> {
  /** What is looked for, e.g. `entity`. */
  readonly kind: string;
  readonly resolved: ReadonlyMap<string, T>;
  /** All names as written: a faulty object is told where it stands, not again where it is used. */
  readonly written: ReadonlySet<string>;
}

/** Null where there is none; an unknown name is a mistake. */
export function find<T>(scope: Scope<T>, name: string, place: Place, mistakes: Mistakes): T | null {
  const found = scope.resolved.get(name);
  if (found === undefined && !scope.written.has(name)) {
    const valid =
      scope.written.size === 0
        ? `the name of a ${scope.kind}, but there is none`
        : `a ${scope.kind}: ${oneOf(scope.written)}`;
    mistakes.add(place, show(name), valid.replace(/\ba entity/, 'an entity'), nearestName(name, scope.written));
  }
  return found ?? null;
}

/** By name; of two with one name (a mistake told elsewhere) the first. */
export function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of items) if (!map.has(item.name)) map.set(item.name, item);
  return map;
}
