// For tests: a small catalog and hand-made rows in a store, as a materialization would have left them.
import type { DataType, JoinKeyType, Status, Value } from '../../schemas/types.ts';
import type {
  AggregateView,
  Catalog,
  FeatureView,
  RowView,
  ServableView,
  ServiceFeature,
} from '../../src/catalog/catalog.ts';
import type { Expression } from '../../src/catalog/expression.ts';
import { parseInstant } from '../../src/instant.ts';
import { parseJson } from '../../src/lossless-json.ts';
import { encoderFor } from '../../src/online/entity-key.ts';
import { createLookup, type Lookup } from '../../src/online/lookup.ts';
import type { OnlineStore } from '../../src/online/online-store.ts';
import { compileRowCodec } from '../../src/online/row-codec.ts';
import { fieldName, type LiveGeneration } from '../../src/online/serving-state.ts';
import { encodeServingState } from '../../src/online/serving-state-codec.ts';

const documented = { description: null, owner: null, tags: {} };
const HOUR = 3_600_000_000n;
/** Never read by a lookup. */
/** A column of the feature's name. */
const columnNamed = ({ name, type }: FakeFeature): Expression => ({
  sql: name,
  type,
  tree: { kind: 'column', name, type },
  canFail: false,
});

export interface FakeFeature {
  readonly name: string;
  readonly type: DataType;
  readonly default?: Value;
  readonly emptyValue?: Value;
}

const viewBase = (name: string, keys: Readonly<Record<string, JoinKeyType>>) => ({
  ...documented,
  name,
  entities: Object.keys(keys),
  joinKeys: Object.entries(keys).map(([key, type]) => ({ name: key, type, column: key })),
  source: 'source',
  where: null,
  refresh: null,
  visibleFrom: 'event_time' as const,
  fingerprint: `fingerprint of ${name}`,
});

export function rowView(
  name: string,
  keys: Readonly<Record<string, JoinKeyType>>,
  features: readonly FakeFeature[],
  rest: Partial<RowView> = {},
): RowView {
  return {
    ...viewBase(name, keys),
    kind: 'row',
    strictlyBefore: false,
    ttlMicros: null,
    latenessMicros: 24n * HOUR,
    features: features.map((feature) => ({
      ...documented,
      ...feature,
      default: feature.default ?? null,
      expression: columnNamed(feature),
    })),
    ...rest,
  };
}

/** Every hour, with a delay of five minutes, unless `rest` says otherwise. */
export function aggregateView(
  name: string,
  keys: Readonly<Record<string, JoinKeyType>>,
  features: readonly FakeFeature[],
  rest: Partial<AggregateView> = {},
): AggregateView {
  const aggregate = { aggregate: 'sum', input: null, n: null, p: null, windowMicros: HOUR, hopMicros: null } as const;
  return {
    ...viewBase(name, keys),
    kind: 'aggregate',
    refresh: { everyMicros: HOUR, delayMicros: HOUR / 12n },
    features: features.map((feature) => ({
      ...documented,
      ...aggregate,
      ...feature,
      default: feature.default ?? null,
    })),
    ...rest,
  };
}

export function catalogOf(
  views: readonly FeatureView[],
  services: Readonly<Record<string, readonly ServiceFeature[]>> = {},
): Catalog {
  return {
    project: 'demo',
    version: 3,
    entities: new Map(),
    sources: new Map(),
    views: new Map(views.map((view) => [view.name, view])),
    services: new Map(Object.entries(services).map(([name, features]) => [name, { ...documented, name, features }])),
  };
}

export const serviceFeature = (
  view: string,
  feature: string,
  readAs: readonly string[],
  name = `${view}__${feature}`,
): ServiceFeature => ({
  name,
  view,
  feature,
  readAs,
});

export interface FakeRow {
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
  readonly event?: string;
  readonly created?: string;
  readonly invalid?: readonly boolean[];
  readonly isDeleted?: boolean;
}

/** An answer as its JSON says; integers beyond 2^53 as bigint. */
export interface ParsedAnswer {
  readonly service: string | null;
  readonly version: number;
  readonly features: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly statuses?: readonly (readonly Status[])[];
  readonly eventTimes?: readonly (readonly (string | null)[])[];
  readonly asOf?: Readonly<Record<string, string>>;
  readonly changed?: readonly string[];
  readonly at: string;
}

export const parseAnswer = (json: Uint8Array): ParsedAnswer =>
  parseJson(Buffer.from(json).toString(), 'the answer') as unknown as ParsedAnswer;

export const at = (text: string): bigint => parseInstant(text) ?? 0n;

export class FakeWorld {
  readonly store: OnlineStore;
  readonly lookup: Lookup;
  catalog: Catalog;

  constructor(catalog: Catalog, store: OnlineStore) {
    this.catalog = catalog;
    this.store = store;
    this.lookup = createLookup({ catalog: () => this.catalog, store: this.store });
  }

  /** As a run at `until` would: rows into a generation, which then goes live. */
  async materialize(
    view: ServableView,
    until: string,
    rows: readonly FakeRow[],
    rest: Partial<LiveGeneration> = {},
  ): Promise<void> {
    const generation = { ...generationOf(view, until), ...rest };
    const keys = encoderFor(generation.entities, generation.joinKeys);
    const codec = compileRowCodec(generation.features);
    const writes = rows.map((row) => ({
      entity: keys.encode(row.keys),
      row: codec.encode({
        eventMicros: row.event === undefined ? null : at(row.event),
        createdMicros: row.created === undefined ? null : at(row.created),
        isDeleted: row.isDeleted === true,
        values: row.values,
        invalid: row.invalid ?? null,
      }),
    }));
    await this.store.writeRows(fieldName(view.name, generation.id), 1n, writes);
    const [before = null] = (await this.store.read([], [view.name])).states;
    await this.store.writeState(
      view.name,
      before,
      encodeServingState({ live: generation, token: 1n, rebuildCount: 0 }),
    );
  }
}

function generationOf(view: ServableView, until: string): LiveGeneration {
  const { fingerprint, kind, entities, refresh, visibleFrom } = view;
  return {
    id: `${fingerprint}-1`,
    run: '00000001',
    fingerprint,
    kind,
    entities,
    joinKeys: view.joinKeys.map(({ name, type }) => ({ name, type })),
    features: view.features.map((feature) => ({
      name: feature.name,
      type: feature.type,
      default: feature.default,
      emptyValue: (feature as FakeFeature).emptyValue ?? null,
    })),
    refresh,
    visibleFrom,
    strictlyBefore: view.kind === 'row' && view.strictlyBefore,
    ttlMicros: view.kind === 'row' ? view.ttlMicros : null,
    watermarkMicros: at(until),
    reachedMicros: at(until),
    retention: null,
  };
}
