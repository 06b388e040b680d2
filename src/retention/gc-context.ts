// What the steps of a collection share.

import type { Catalog } from '../catalog/catalog.ts';
import type { TrimPorts } from '../ingest/retention/trim-log.ts';
import type { OnlineStore } from '../online/online-store.ts';
import type { Leases } from '../storage/leases/lease.ts';
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts';
import type { RetentionPolicy } from './policy.ts';
import { isYounger } from './policy.ts';
import type { Tally } from './tally.ts';

export interface GcContext {
  readonly store: ObjectStore;
  readonly online: OnlineStore;
  readonly leases: Leases;
  /** The log of events and what else its retention needs; null: there is no log. */
  readonly logs: () => Promise<TrimPorts | null>;
  /** A registered version. */
  readonly version: (version: number) => Promise<Catalog>;
  readonly policy: RetentionPolicy;
  readonly signal: AbortSignal;
  /** Rejects where another collection may have begun meanwhile. */
  readonly assertHeld: () => Promise<void>;
  readonly dryRun: boolean;
  /** The wall clock when the collection began. */
  readonly nowMicros: bigint;
  readonly tally: Tally;
}

/** Yields where it is after each of its things; null: still at its start. Takes up behind the place it is given. */
export type Step = (context: GcContext, after: string | null) => AsyncGenerator<string | null, void>;

export const isYoung = ({ policy, nowMicros }: GcContext, { modifiedAtMillis }: ObjectInfo): boolean =>
  isYounger(modifiedAtMillis, policy.graceMicros, nowMicros);

export const keysOf = (objects: readonly ObjectInfo[]): readonly string[] => objects.map(({ key }) => key);

/** Objects by what their keys tell; those of which they tell nothing are left out. */
export function groupBy<T>(
  objects: readonly ObjectInfo[],
  groupOf: (key: string) => T | undefined,
): ReadonlyMap<T, readonly ObjectInfo[]> {
  const groups = new Map<T, ObjectInfo[]>();
  for (const object of objects) {
    const name = groupOf(object.key);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [object]);
    else group.push(object);
  }
  return groups;
}
