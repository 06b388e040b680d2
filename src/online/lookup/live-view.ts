// A view's live generation, ready to be read: the store's field, the codec, and where each feature lies. Compiled once
// per generation; the instants that move with every run come from its state.
import { PlumbError } from '../../../schemas/errors.ts';
import type { FeatureView } from '../../catalog/catalog.ts';
import type { FieldName } from '../online-store.ts';
import { compileRowCodec, type RowCodec } from '../row-codec.ts';
import { fieldName, type Generation, type ServingState } from '../serving-state.ts';
import { featuresByName } from './features-by-name.ts';

export interface LiveView {
  readonly field: FieldName;
  readonly generation: Generation;
  readonly codec: RowCodec;
  /** Feature name → position in the packed row. */
  readonly positions: ReadonlyMap<string, number>;
}

/** NOT_MATERIALIZED where there is no live generation, or one that was filled for other join keys. */
export function liveView(view: FeatureView, state: ServingState | null): LiveView {
  const generation = state?.live ?? null;
  if (generation === null)
    throw notMaterialized(view, `View ${view.name} was never materialized, or the online store was emptied`);
  if (keyText(generation) !== keyText(view)) {
    throw notMaterialized(view, `View ${view.name} was materialized last with other entities or join keys`);
  }
  return {
    field: fieldName(view.name, generation.id),
    generation,
    codec: compileRowCodec(generation.features),
    positions: new Map(generation.features.map(({ name }, position) => [name, position])),
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
