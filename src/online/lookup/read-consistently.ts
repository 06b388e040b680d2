// Rows and the serving states that they are judged by, without a lock.
//
// One call reads both, and no state is older than a row. A run raises `reachedMicros` before it writes its first row, so
// the state covers every row read with it; and a generation that the request was bound to and that is live in that state
// was live, and complete, when its rows were read. Where another generation went live meanwhile, all is read again.
//
// A partial read may have states of a moment ago. They judge rows of the runs that they know of; the row of a later run
// counts as one that could not be read.
import { PlumbError } from '../../../schemas/errors.ts';
import {
  type OnlineStore,
  type PartialData,
  type RowSelection,
  type StoredData,
  UNREACHABLE,
} from '../online-store.ts';
import { type BoundKeySpace, type BoundRequest, bindRequest } from './bound-request.ts';
import type { CollectedKeys } from './collect-keys.ts';
import type { CompiledRequest } from './compiled-requests.ts';
import type { ServingStates } from './serving-states.ts';

/** `[s][k][v]`: of key space s, its distinct key k and view v. */
export type StoredRows = StoredData['rows'];

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
  isPartial: boolean,
): Promise<ConsistentRead> {
  const { resolved } = compiled;
  const viewNames = resolved.views.map(({ name }) => name);
  const read = async (previous: BoundRequest | null): Promise<ConsistentRead> => {
    const stored = await readFrom(store, selectionsOf(previous?.keySpaces ?? [], keys), viewNames, isPartial);
    const bound = bindRequest(resolved, states.decode(viewNames, stored.states), previous);
    return { bound, rows: stored.tokens === null ? stored.rows : withoutNewer(bound, stored.rows, stored.tokens) };
  };
  let bound = compiled.bound ?? (await read(null)).bound;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { bound: next, rows } = await read(bound);
    compiled.bound = next;
    if (next.generationIds === bound.generationIds) return { bound: next, rows };
    bound = next;
  }
  throw new PlumbError(
    'STORE_UNAVAILABLE',
    'Views changed their live generation again and again while they were read: try again',
  );
}

async function readFrom(
  store: OnlineStore,
  selections: readonly RowSelection[],
  views: readonly string[],
  isPartial: boolean,
): Promise<PartialData> {
  if (isPartial && store.readPartially !== undefined) return store.readPartially(selections, views);
  const { rows, states } = await store.read(selections, views);
  return { rows, states, tokens: null };
}

function withoutNewer(
  { keySpaces, resolved, states }: BoundRequest,
  rows: StoredRows,
  tokens: NonNullable<PartialData['tokens']>,
): StoredRows {
  const known = new Map(resolved.views.map(({ name }, index) => [name, states[index]?.token ?? 0n]));
  return rows.map((ofSpace, space) => {
    const views = resolved.keySpaces[space]?.views ?? [];
    return ofSpace.map((ofKey, key) =>
      ofKey.map((row, view) => {
        const token = tokens[space]?.[key]?.[view] ?? 0n;
        return keySpaces.length > 0 && token > (known.get(views[view]?.name ?? '') ?? 0n) ? UNREACHABLE : row;
      }),
    );
  });
}

const selectionsOf = (spaces: readonly BoundKeySpace[], keys: readonly CollectedKeys[]): RowSelection[] =>
  spaces.map(({ fields }, index) => ({ entities: keys[index]?.distinct ?? [], fields }));
