// A view's live generation, ready to be read: the store's field, how its bytes are opened, and where each feature lies.
// Compiled once per generation; what moves with every run comes with each read.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FeatureView } from '../../catalog/catalog.ts';
import type { FieldName } from '../online-store.ts';
import { compileRowCodec, type RowCodec } from '../row-codec.ts';
import { fieldName, type Generation, type GenerationProgress } from '../serving-state.ts';
import type { StoredRow } from '../stored-row.ts';
import { featuresByName } from './features-by-name.ts';
import { judgeAt, type RowStatus } from './row-status.ts';
import type { ReadState } from './serving-states.ts';

export interface LiveView {
  readonly field: FieldName;
  readonly generation: Generation;
  readonly codec: Pick<RowCodec, 'read'>;
  /** Feature name → position in the packed row. */
  readonly positions: ReadonlyMap<string, number>;
  /** How stored bytes are opened at an instant, as far as the runs have come: made once for all rows of a lookup. */
  readonly openAt: (progress: GenerationProgress, atMicros: bigint) => Open;
}

/** Stored bytes, null where there are none, → the row that they say. */
export type Open = (bytes: Uint8Array | null) => OpenedRow;

export interface OpenedRow {
  /** null: none is stored. */
  readonly row: StoredRow | null;
  /** What all features of the row share; null: each has its own, `valueStatus`. */
  readonly status: RowStatus | null;
}

/** NOT_MATERIALIZED where there is no live generation, or one that was filled for other join keys. */
export function liveView(view: FeatureView, state: ReadState | null): LiveView {
  const generation = state?.live?.generation ?? null;
  if (generation === null)
    throw notMaterialized(view, `View ${view.name} was never materialized, or the online store was emptied`);
  if (keyText(generation) !== keyText(view)) {
    throw notMaterialized(view, `View ${view.name} was materialized last with other entities or join keys`);
  }
  const known = COMPILED.get(generation);
  if (known !== undefined) return known;
  const compiled = compile(view.name, generation);
  COMPILED.set(generation, compiled);
  return compiled;
}

/** Shared by all requests. */
const COMPILED = new WeakMap<Generation, LiveView>();

function compile(view: string, generation: Generation): LiveView {
  const codec = compileRowCodec(generation.features);
  return {
    field: fieldName(view, generation.id),
    generation,
    codec,
    positions: new Map(generation.features.map(({ name }, position) => [name, position])),
    openAt: (progress, atMicros) => {
      const judge = judgeAt(generation, progress, atMicros);
      const absent: OpenedRow = { row: null, status: judge(null) };
      return (bytes) => {
        if (bytes === null) return absent;
        const row = codec.open(bytes);
        return { row, status: judge(row) };
      };
    },
  };
}

/** Where a feature of the catalog lies in the live rows; null where they lack it yet, or hold it with another type. */
export function featurePosition(view: FeatureView, { generation, positions }: LiveView, name: string): number | null {
  const position = positions.get(name);
  if (position === undefined) return null;
  const wanted = featuresByName(view).get(name)?.type;
  return generation.features[position]?.type === wanted ? position : null;
}

const keyText = ({ entities, joinKeys }: Pick<Generation, 'entities' | 'joinKeys'>): string =>
  JSON.stringify([entities, joinKeys.map(({ name, type }) => [name, type])]);

const notMaterialized = (view: FeatureView, what: string): PlumbError =>
  new PlumbError('NOT_MATERIALIZED', `${what}: run \`plumb materialize ${view.name}\``, {
    details: { view: view.name },
  });
