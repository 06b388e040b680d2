// Rows and the serving states that they are judged by, without a lock.
//
// Rows are read before states. A run raises `reachedMicros` before it writes its first row, so the state read after a row
// covers that row; and a generation that the request was bound to and that is live in that state was live, and complete,
// when its rows were read. Where another generation went live meanwhile, everything is read again.
import { PlumbError } from '../../../schemas/errors.ts';
import type { OnlineStore } from '../online-store.ts';
import { type BoundKeySpace, type BoundRequest, bindRequest } from './bound-request.ts';
import type { CollectedKeys } from './collect-keys.ts';
import type { CompiledRequest } from './compiled-requests.ts';
import type { ServingStates } from './serving-states.ts';

/** `[s][k][v]`: of key space s, its distinct key k and view v. */
export type StoredRows = readonly (readonly (readonly (Uint8Array | null)[])[])[];

export interface ConsistentRead {
  readonly bound: BoundRequest;
  readonly rows: StoredRows;
}

const MAX_ATTEMPTS = 5;

export async function readConsistently(
  store: OnlineStore,
  states: ServingStates,
  compiled: CompiledRequest,
  keys: readonly CollectedKeys[],
): Promise<ConsistentRead> {
  const viewNames = compiled.resolved.views.map(({ name }) => name);
  let bound = compiled.bound ?? bindRequest(compiled.resolved, await states.read(viewNames), null);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const rows = await readRows(store, bound.keySpaces, keys);
    const next: BoundRequest = bindRequest(compiled.resolved, await states.read(viewNames), bound);
    compiled.bound = next;
    if (next.generationIds === bound.generationIds) return { bound: next, rows };
    bound = next;
  }
  throw new PlumbError(
    'STORE_UNAVAILABLE',
    'Views changed their live generation again and again while they were read: try again',
  );
}

const readRows = (
  store: OnlineStore,
  spaces: readonly BoundKeySpace[],
  keys: readonly CollectedKeys[],
): Promise<StoredRows> =>
  Promise.all(
    spaces.map(async ({ fields }, index) => {
      const distinct = keys[index]?.distinct ?? [];
      return distinct.length === 0 ? [] : store.lookup(distinct, fields);
    }),
  );
