// Which views count as registered: those of every version that was the current one at some time in the grace period. A
// server may still be answering from such a version.
import { currentSince } from '../registry/current-since.ts';
import type { GcContext } from './gc-context.ts';

/** View → the fingerprints that it had, the present one first. NOT_APPLIED where nothing is registered at all. */
export type Fingerprints = ReadonlyMap<string, readonly string[]>;

export async function registeredViews({ store, policy, nowMicros }: GcContext): Promise<Fingerprints> {
  const fingerprints = new Map<string, string[]>();
  for (const { views } of await currentSince(store, nowMicros - policy.graceMicros)) {
    for (const { name, fingerprint } of views.values()) {
      const known = fingerprints.get(name) ?? [];
      if (!known.includes(fingerprint)) known.push(fingerprint);
      fingerprints.set(name, known);
    }
  }
  return fingerprints;
}
