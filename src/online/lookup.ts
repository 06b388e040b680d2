// The lookup service: entities and an instant → feature values, statuses and event times. Knows no HTTP and no adapter.
import { PlumbError } from '../../schemas/errors.ts';
import type { DataType, Status, Value } from '../../schemas/types.ts';
import type { Catalog } from '../registry/catalog.ts';
import type { BoundRequest } from './lookup/bound-request.ts';
import { collectKeys } from './lookup/collect-keys.ts';
import { CompiledRequests } from './lookup/compiled-requests.ts';
import { emptyMatrix, fillColumns, type LookupMatrix } from './lookup/fill-columns.ts';
import type { RequestEntity } from './lookup/join-key-input.ts';
import { readConsistently } from './lookup/read-consistently.ts';
import type { RequestedFeatures } from './lookup/resolve-request.ts';
import { ServingStates } from './lookup/serving-states.ts';
import type { OnlineStore } from './online-store.ts';

export interface LookupParts {
  /** The current registry version. The same object as long as the version does not change. */
  readonly catalog: () => Catalog | Promise<Catalog>;
  readonly store: OnlineStore;
}

export interface LookupOptions {
  readonly statuses?: boolean;
  readonly eventTimes?: boolean;
  readonly asOf?: boolean;
}

export interface LookupAnswer {
  /** null where the request named features. */
  readonly service: string | null;
  /** Registry version. */
  readonly version: number;
  /** Output names and types: the columns of `rows`. */
  readonly features: readonly string[];
  readonly types: readonly DataType[];
  /** One row per entity of the request, in its order; also `statuses` and `eventTimes`, null where not asked for. */
  readonly rows: readonly (readonly Value[])[];
  readonly statuses: readonly (readonly Status[])[] | null;
  /** Microseconds; null where no row answered. */
  readonly eventTimes: readonly (readonly (bigint | null)[])[] | null;
  /** View → watermark in microseconds. */
  readonly asOf: Readonly<Record<string, bigint>> | null;
  readonly atMicros: bigint;
}

export interface Lookup {
  /**
   * Rejects with UNKNOWN_NAME, INVALID_REQUEST (details.path), NOT_MATERIALIZED, NOT_SUPPORTED, STORE_UNAVAILABLE or
   * STORAGE_CORRUPT. Missing and stale values are no errors: their status says so.
   */
  lookup(
    request: RequestedFeatures,
    entities: readonly RequestEntity[],
    atMicros: bigint,
    options?: LookupOptions,
  ): Promise<LookupAnswer>;
}

export function createLookup({ catalog, store }: LookupParts): Lookup {
  const states = new ServingStates();
  const compiled = new CompiledRequests();
  return {
    async lookup(request, entities, atMicros, options = {}) {
      const known = compiled.get(await catalog(), request);
      requireAnswerable(entities.length, known.resolved.names.length);
      const keys = known.resolved.keySpaces.map((space) => collectKeys(space, entities));
      const { bound, rows } = await readConsistently(store, states, known, keys);
      const matrix = emptyMatrix(entities.length, bound.resolved.names.length);
      fillColumns(matrix, bound, keys, rows, atMicros);
      return answerOf(bound, matrix, atMicros, options);
    },
  };
}

/** Values of one answer: what a process can build and a client take at once. */
const MOST_VALUES = 1_000_000;

function requireAnswerable(entityCount: number, columnCount: number): void {
  if (entityCount * columnCount <= MOST_VALUES) return;
  const message = `found ${entityCount} entities × ${columnCount} features, expected at most ${MOST_VALUES} values in one answer; ask in parts`;
  throw new PlumbError('TOO_LARGE', message, { details: { limit: 'values', maxValues: MOST_VALUES } });
}

function answerOf(bound: BoundRequest, matrix: LookupMatrix, atMicros: bigint, options: LookupOptions): LookupAnswer {
  const { service, version, names, types } = bound.resolved;
  return {
    service,
    version,
    features: names,
    types,
    rows: matrix.rows,
    statuses: options.statuses === true ? matrix.statuses : null,
    eventTimes: options.eventTimes === true ? matrix.eventTimes : null,
    asOf: options.asOf === true ? bound.asOf : null,
    atMicros,
  };
}
