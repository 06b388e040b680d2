// Which views count as registered: those of every version that was the current one at some time in the grace period, because
// a server may still serve such a version. A view with `online: false` in all of them is none: no lookup reads it any more.
import { isOnline } from '../catalog/look-up.ts';
import { currentSince } from '../registry/current-since.ts';
import type { GcContext } from './gc-context.ts';

/** View → the fingerprints that it had, the present one first. NOT_APPLIED where nothing is registered at all. */
export type Fingerprints = ReadonlyMap<string, readonly string[]>;

export async function registeredViews({ store, policy, nowMicros }: GcContext): Promise<Fingerprints> {
  const fingerprints = new Map<string, string[]>();
  for (const { views } of await currentSince(store, nowMicros - policy.graceMicros)) {
    for (const { name, fingerprint } of [...views.values()].filter(isOnline)) {
      const known = fingerprints.get(name) ?? [];
      if (!known.includes(fingerprint)) known.push(fingerprint);
      fingerprints.set(name, known);
    }
  }
  return fingerprints;
}
