// The lookup service: entities and an instant → the answer with values, statuses and event times. Knows no HTTP and no adapter.
import { PlumbError } from '../../schemas/errors.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RequestEntity } from '../catalog/join-key-input.ts';
import type { LearnedFeatures } from '../catalog/learned.ts';
import { atOnce, inTurns } from '../turns.ts';
import { type AnswerOptions, answerSteps, BYTES_PER_STEP, type Judged } from './answer-json.ts';
import { type LookedUpValues, type ValueOptions, valueSteps } from './answer-values.ts';
import type { ReadAt } from './entry/entry-reader.ts';
import type { BoundKeySpace } from './lookup/bound-request.ts';
import { collectKeys } from './lookup/collect-keys.ts';
import { CompiledRequests } from './lookup/compiled-requests.ts';
import { type JudgedSpace, judgeSteps } from './lookup/judge-rows.ts';
import type { Open } from './lookup/live-view.ts';
import { type ConsistentRead, readConsistently, type StoredRows } from './lookup/read-consistently.ts';
import { readWithReach } from './lookup/read-with-reach.ts';
import type { RequestedFeatures } from './lookup/resolve-request.ts';
import { ServingStates } from './lookup/serving-states.ts';
import type { OnlineStore } from './online-store.ts';
import type { GenerationProgress } from './serving-state.ts';

export interface LookupParts {
  /** The current registry version. The same object as long as the version does not change. */
  readonly catalog: () => Catalog | Promise<Catalog>;
  readonly store: OnlineStore;
  /** What versions of services and datasets stand for. Absent: requests that name one are refused. */
  readonly learned?: LearnedFeatures;
}

export interface Lookup {
  /**
   * The answer as JSON, in UTF-8: one row per entity, in their order. `atMicros` is the instant asked about.
   *
   * Rejects with UNKNOWN_NAME, INVALID_REQUEST (details.path), NOT_MATERIALIZED, NOT_AS_LEARNED, NOT_SUPPORTED, STORE_UNAVAILABLE or
   * STORAGE_CORRUPT; with `partial`, STORE_UNAVAILABLE only where not even the serving states are known. Missing and stale values are no errors: their status says so.
   */
  lookup(
    request: RequestedFeatures,
    entities: readonly RequestEntity[],
    atMicros: bigint,
    options?: AnswerOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The same answer as an Arrow IPC stream (arrow/answer-schema.ts has its columns). `int64` changes nothing in it. */
  arrow(
    request: RequestedFeatures,
    entities: readonly RequestEntity[],
    atMicros: bigint,
    options?: AnswerOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The same answer as values, for callers in this process. */
  values(
    request: RequestedFeatures,
    entities: readonly RequestEntity[],
    atMicros: bigint,
    options?: ValueOptions,
  ): Promise<LookedUpValues>;
}

export function createLookup({ catalog, store, learned }: LookupParts): Lookup {
  const states = new ServingStates();
  const compiled = new CompiledRequests(learned ?? null);
  const out = new ByteWriter();
  const answer = async <T>(asked: Asked, write: (judged: Judged, isLong: boolean) => Generator<undefined, T>) => {
    const { request, entities, atMicros, isPartial } = asked;
    const current = await catalog();
    const known = compiled.get(current, request) ?? (await compiled.compile(current, request));
    requireAnswerable(entities.length, known.resolved.names.length);
    const keys = known.resolved.keySpaces.map((space) => collectKeys(space, entities));
    const reading = { store, states, compiled: known, keys, isPartial };
    const read = asked.asOf === true ? await readWithReach(reading) : await readConsistently(reading);
    const { bound, rows } = read;
    const isLong =
      asked.takesTurns === true ||
      entities.length * known.resolved.names.length > MOST_VALUES_AT_ONCE ||
      entities.length * bound.segments('number').length * longestRowBytes(rows) > BYTES_PER_STEP;
    function* steps(): Generator<undefined, T> {
      const spaces: JudgedSpace[] = [];
      for (const [index, space] of bound.keySpaces.entries())
        spaces.push(
          yield* judgeSteps(opensOf(space, read.progress, { atMicros, isExplicit: !asked.isNow }), rows[index] ?? []),
        );
      return yield* write({ ...read, entityCount: entities.length, atMicros, keys, spaces }, isLong);
    }
    return isLong ? await inTurns(steps()) : atOnce(steps());
  };
  return {
    lookup: (request, entities, atMicros, options = {}) =>
      answer({ request, entities, atMicros, ...readingOf(options) }, (judged, isLong) =>
        answerSteps(isLong ? new ByteWriter() : out, judged, options),
      ),
    arrow: async (request, entities, atMicros, options = {}) => {
      const { arrowSteps } = await import('./arrow/answer-arrow.ts');
      const asked = { request, entities, atMicros, ...readingOf(options), takesTurns: true };
      return answer(asked, (judged) => arrowSteps(judged, options));
    },
    values: (request, entities, atMicros, options = {}) =>
      answer({ request, entities, atMicros, ...readingOf(options) }, (judged) => valueSteps(judged, options)),
  };
}

const readingOf = ({ partial, asOf, isNow }: AnswerOptions): Pick<Asked, 'isPartial' | 'asOf' | 'isNow'> => ({
  isPartial: partial === true,
  asOf: asOf === true,
  isNow: isNow === true,
});

/** One per view of the key space. */
const opensOf = ({ views, positions }: BoundKeySpace, progress: ConsistentRead['progress'], at: ReadAt): Open[] =>
  views.map((view, index) => view.openAt(progress[positions[index] as number] as GenerationProgress, at));

interface Asked {
  readonly request: RequestedFeatures;
  readonly entities: readonly RequestEntity[];
  readonly atMicros: bigint;
  readonly isPartial: boolean;
  readonly asOf: boolean;
  readonly isNow: boolean;
  /** Where bytes that are written may be many more than those that are read. A short answer has one turn all the same. */
  readonly takesTurns?: boolean;
}

/** Of all rows that were read: entities and features that are asked for again and again repeat theirs. */
function longestRowBytes(rows: StoredRows): number {
  let longest = 0;
  for (const space of rows)
    for (const key of space)
      for (const row of key) if (row instanceof Uint8Array && row.length > longest) longest = row.length;
  return longest;
}

/** Values of one answer: what a process can build and a client take at once. */
const MOST_VALUES = 1_000_000;

/** What one turn of the event loop writes; longer answers let others have theirs in between. */
const MOST_VALUES_AT_ONCE = 10_000;

function requireAnswerable(entityCount: number, columnCount: number): void {
  if (entityCount * columnCount <= MOST_VALUES) return;
  const message = `found ${entityCount} entities × ${columnCount} features, expected at most ${MOST_VALUES} values in one answer; ask in parts`;
  throw new PlumbError('TOO_LARGE', message, { details: { limit: 'values', maxValues: MOST_VALUES } });
}
