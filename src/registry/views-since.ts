// Since when a view has been defined as it is: what could have run it, and did not, counts from then.
import type { Catalog, ViewSince } from '../catalog/catalog.ts';

/** `before` null: nothing was registered yet. A view that was registered before this was kept stays without. */
export function viewsSince(before: Catalog | null, after: Catalog, nowMicros: bigint): ReadonlyMap<string, ViewSince> {
  const since = new Map<string, ViewSince>();
  for (const { name, fingerprint } of after.views.values()) {
    if (before?.views.get(name)?.fingerprint !== fingerprint) since.set(name, { micros: nowMicros });
    else {
      const known = before.viewsSince?.get(name);
      if (known !== undefined) since.set(name, known);
    }
  }
  return since;
}
