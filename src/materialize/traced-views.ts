// Views that have left something behind, whether they are still defined or not.
import { RUNS_PREFIX, runOfKey } from '../offline/manifest-run.ts';
import type { OnlineStore } from '../online/online-store.ts';
import { viewOfField } from '../online/serving-state.ts';
import type { ObjectStore } from '../storage/object-store.ts';

export interface TracedViewsPorts {
  readonly online: Pick<OnlineStore, 'listFields' | 'listStates'>;
  readonly store: Pick<ObjectStore, 'list'>;
}

/** Names of `known` views, and of those with a state or rows online or a run in the storage; ascending. */
export async function tracedViews(
  { online, store }: TracedViewsPorts,
  known: Iterable<string>,
): Promise<readonly string[]> {
  const ofFields = (await online.listFields()).map(viewOfField);
  const ofRuns = (await store.list(RUNS_PREFIX)).flatMap(({ key }) => runOfKey(key)?.view ?? []);
  return [...new Set([...known, ...(await online.listStates()).keys(), ...ofFields, ...ofRuns])].toSorted();
}
