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
import type { GenerationProgress } from '../serving-state.ts';
import { type BoundKeySpace, type BoundRequest, bindRequest } from './bound-request.ts';
import type { CollectedKeys } from './collect-keys.ts';
import type { CompiledRequest } from './compiled-requests.ts';
import { type ReadGeneration, type ReadState, readOf, type ServingStates } from './serving-states.ts';

/** `[s][k][v]`: of key space s, its distinct key k and view v. */
export type StoredRows = StoredData['rows'];

export interface ConsistentRead {
  readonly bound: BoundRequest;
  /** `progress[i]`: how far the runs of `bound.generations[i]` have come. */
  readonly progress: readonly GenerationProgress[];
  readonly rows: StoredRows;
}

export interface Reading {
  readonly store: OnlineStore;
  readonly states: ServingStates;
  /** Keeps what it was bound to, for the next lookup. */
  readonly compiled: CompiledRequest;
  readonly keys: readonly CollectedKeys[];
  readonly isPartial: boolean;
}

/** The first may only bind. */
const MAX_ATTEMPTS = 6;

export async function readConsistently({ store, states, compiled, keys, isPartial }: Reading): Promise<ConsistentRead> {
  const { viewNames } = compiled.resolved;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { bound } = compiled;
    const selections = bound === null ? [] : selectionsOf(bound.keySpaces, keys);
    const stored: StoredData | PartialData = isPartial
      ? await store.readPartially(selections, viewNames)
      : await store.read(selections, viewNames);
    const read = states.decode(viewNames, stored.states);
    const next = bindRequest(compiled.resolved, read, bound);
    compiled.bound = next;
    if (next === bound) return { bound, progress: progressOf(bound, read), rows: withoutNewer(bound, read, stored) };
  }
  throw new PlumbError(
    'STORE_UNAVAILABLE',
    'Views changed their live generation again and again while they were read: try again',
  );
}

/** All are served: the request was bound to these states. */
const progressOf = ({ generations }: BoundRequest, states: readonly (ReadState | null)[]): GenerationProgress[] =>
  generations.map((generation, view) => (readOf(states[view] ?? null, generation) as ReadGeneration).progress);

function withoutNewer(
  { keySpaces }: BoundRequest,
  states: readonly (ReadState | null)[],
  stored: StoredData | PartialData,
): StoredRows {
  const tokens = 'tokens' in stored ? stored.tokens : null;
  if (tokens === null) return stored.rows;
  return stored.rows.map((ofSpace, space) => {
    const known = (keySpaces[space]?.positions ?? []).map((position) => states[position]?.token ?? 0n);
    return ofSpace.map((ofKey, key) =>
      ofKey.map((row, view) => ((tokens[space]?.[key]?.[view] ?? 0n) > (known[view] ?? 0n) ? UNREACHABLE : row)),
    );
  });
}

const selectionsOf = (spaces: readonly BoundKeySpace[], keys: readonly CollectedKeys[]): RowSelection[] =>
  spaces.map(({ fields }, index) => ({ entities: keys[index]?.distinct ?? [], fields }));
