// For tests of what a commit itself refuses: every lease is granted, to any number of holders at once, as if each of the
// former ones had been paused for longer than its term.
import type { Lease, Leases } from '../../src/storage/leases/lease.ts';

export const grantAll: Leases = {
  acquire: async (name) => held(name),
  holders: async () => [],
};

const held = (name: string): Lease => ({
  name,
  token: 1,
  signal: new AbortController().signal,
  assertHeld: async () => {},
  [Symbol.asyncDispose]: async () => {},
});
