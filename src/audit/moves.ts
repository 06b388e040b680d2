// Counts, by feature, the keys and values that move from one version of a view to another, and by how much.
import { type DataType, isNumericType } from '../../schemas/types.ts';
import type { MovedFeature } from '../../schemas/wire-types.ts';
import type { FeatureService } from '../catalog/catalog.ts';
import { type Comparison, compareValues } from './compare-values.ts';
import type { Probe } from './rounds.ts';
import type { Expected } from './training-path.ts';
import { keyText } from './value-text.ts';
import { featureName, type VerifiedView } from './verified-views.ts';

export interface Trained {
  readonly probes: readonly Probe[];
  /** By probe, then feature. */
  readonly before: readonly (readonly Expected[])[];
  readonly after: readonly (readonly Expected[])[];
}

export class Moves {
  readonly #services: readonly FeatureService[];
  readonly #features: MovedFeature[] = [];

  constructor(services: readonly FeatureService[]) {
    this.#services = services;
  }

  /** Both sides have the same features, by name and in order. */
  add({ before, after }: { readonly before: VerifiedView; readonly after: VerifiedView }, trained: Trained): void {
    const keys = trained.probes.map(({ key }) => keyText(key));
    for (const [i, { name, type }] of after.features.entries()) {
      const types = { before: before.features[i]?.type ?? type, after: type };
      const compared = keys.map((_, row) =>
        moveOf(types, trained.before[row]?.[i] as Expected, trained.after[row]?.[i] as Expected),
      );
      const movedKeys = new Set(keys.filter((_, row) => compared[row]?.isEqual === false));
      this.#features.push({
        ...{ feature: featureName(after.view.name, name), services: this.#readers(after.view.name, name) },
        ...{ keys: new Set(keys).size, movedKeys: movedKeys.size, compared: keys.length },
        ...sizesOf(compared.filter(({ isEqual }) => !isEqual)),
      });
    }
  }

  /** In the order of views and of their features. */
  result(): readonly MovedFeature[] {
    return this.#features;
  }

  #readers(view: string, feature: string): readonly string[] {
    const readers = this.#services.filter(({ features }) =>
      features.some((read) => read.view === view && read.feature === feature),
    );
    return [...new Set(readers.map(({ name }) => name))];
  }
}

function sizesOf(moved: readonly Comparison[]): Pick<MovedFeature, 'moved' | 'meanAbs' | 'maxAbs'> {
  const distances = moved.flatMap(({ distance }) => (distance === null ? [] : [distance]));
  if (distances.length === 0) return { moved: moved.length, meanAbs: null, maxAbs: null };
  const meanAbs = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  return { moved: moved.length, meanAbs, maxAbs: distances.reduce((most, distance) => Math.max(most, distance), 0) };
}

/** Of values, whatever their statuses: null stays null for a model. */
function moveOf(
  types: { readonly before: DataType; readonly after: DataType },
  before: Expected,
  after: Expected,
): Comparison {
  const { status } = after;
  const tolerance = Math.max(before.tolerance, after.tolerance);
  if (types.before === types.after)
    return compareValues(types.after, { value: before.value, status, tolerance }, { value: after.value, status });
  if (before.value === null || after.value === null) return { isEqual: before.value === after.value, distance: null };
  if (!isNumericType(types.before) || !isNumericType(types.after)) return { isEqual: false, distance: null };
  const distance = Math.abs(Number(before.value) - Number(after.value));
  return { isEqual: distance <= tolerance, distance };
}
