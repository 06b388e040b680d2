// The runs of a view as their folders `views/<view>/<run>/` show them.

import { RUNS_PREFIX, runOfKey } from '../offline/manifest-run.ts';
import type { ObjectInfo, ObjectStore } from '../storage/object-store.ts';
import { groupBy } from './gc-context.ts';
import { isYounger } from './policy.ts';

export interface RunFolder {
  readonly run: string;
  readonly token: bigint;
  readonly objects: readonly ObjectInfo[];
  readonly newestMillis: number;
}

/** Newest first. */
export async function runFolders(store: ObjectStore, view: string): Promise<readonly RunFolder[]> {
  const all = await store.list(`${RUNS_PREFIX}${view}/`);
  const folders = [...groupBy(all, (key) => runOfKey(key)?.run)].map(([run, objects]) => ({
    run,
    token: BigInt(run),
    objects,
    newestMillis: Math.max(...objects.map(({ modifiedAtMillis }) => modifiedAtMillis)),
  }));
  return folders.toSorted((left, right) => (left.token > right.token ? -1 : 1));
}

/**
 * The greatest token of which it is sure that its run, and every older one, is more than a grace period past: nobody can
 * write with such a token any more, and what was written with it was written then. 0 where nothing is sure.
 * `stateToken`: the token of the view's serving state, whose folder always stays.
 */
export function settledToken(
  folders: readonly RunFolder[],
  stateToken: bigint,
  graceMicros: bigint,
  nowMicros: bigint,
): bigint {
  if (!folders.some(({ token }) => token === stateToken)) return 0n;
  const young = folders.filter(({ newestMillis }) => isYounger(newestMillis, graceMicros, nowMicros));
  const oldest = young.at(-1);
  return oldest === undefined ? (folders[0] as RunFolder).token : oldest.token - 1n;
}
