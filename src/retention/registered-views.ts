// Which views count as registered: those of every version that was the current one at some time in the grace period, because
// a server may still serve such a version, and those that bound training sets need. A view with `online: false` in all of them is
// none: no lookup reads it any more.
import type { FeatureView } from '../catalog/catalog.ts';
import { isOnline } from '../catalog/look-up.ts';
import { readBoundViews } from '../materialize/bound/bound-sets.ts';
import { currentSince } from '../registry/current-since.ts';
import type { GcContext } from './gc-context.ts';

/** View → the fingerprints that it had, the present one first. NOT_APPLIED where nothing is registered at all. */
export type Fingerprints = ReadonlyMap<string, readonly string[]>;

export async function registeredViews({ store, policy, nowMicros, version }: GcContext): Promise<Fingerprints> {
  const fingerprints = new Map<string, string[]>();
  const add = ({ name, fingerprint }: FeatureView): void => {
    const known = fingerprints.get(name) ?? [];
    if (!known.includes(fingerprint)) known.push(fingerprint);
    fingerprints.set(name, known);
  };
  for (const { views } of await currentSince(store, nowMicros - policy.graceMicros))
    for (const view of [...views.values()].filter(isOnline)) add(view);
  for (const bound of (await readBoundViews({ store, version })).values()) for (const { view } of bound) add(view);
  return fingerprints;
}
