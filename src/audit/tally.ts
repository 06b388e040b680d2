// Counts what was compared, by feature, and keeps the first differences as examples.
import type { DataType } from '../../schemas/types.ts';
import { isNumericType } from '../../schemas/types.ts';
import type { VerifyExample, VerifyFeature, VerifyResult } from '../../schemas/wire-types.ts';
import type { FeatureView } from '../catalog/catalog.ts';
import { formatInstant } from '../instant.ts';
import { compareValues } from './compare-values.ts';
import type { Probe } from './rounds.ts';
import type { Served } from './serving-path.ts';
import type { Expected } from './training-path.ts';
import { jsonValue } from './value-text.ts';
import { featureName } from './verified-views.ts';

const MOST_EXAMPLES = 20;
/** So that one feature does not take all the places. */
const MOST_OF_A_FEATURE = 3;

interface Counts {
  compared: number;
  differs: number;
  maxAbs: number | null;
}

export class Tally {
  readonly #features = new Map<string, Counts>();
  readonly #examples: VerifyExample[] = [];

  add(view: FeatureView, feature: FeatureView['features'][number], seen: Seen): void {
    const name = featureName(view.name, feature.name);
    const counts = this.#countsOf(name, feature.type);
    const { isEqual, distance } = compareValues(feature.type, seen.expected, seen.served);
    counts.compared += 1;
    if (distance !== null) counts.maxAbs = Math.max(counts.maxAbs ?? 0, distance);
    if (isEqual) return;
    counts.differs += 1;
    if (counts.differs <= MOST_OF_A_FEATURE && this.#examples.length < MOST_EXAMPLES)
      this.#examples.push(exampleOf(view, { name, type: feature.type }, seen));
  }

  /** Features in the order in which they came. */
  result(seed: number): VerifyResult {
    const features: VerifyFeature[] = [...this.#features].map(([feature, counts]) => ({ feature, ...counts }));
    const compared = features.reduce((sum, feature) => sum + feature.compared, 0);
    const differences = features.reduce((sum, feature) => sum + feature.differs, 0);
    return { seed, compared, equal: compared - differences, differences, features, examples: this.#examples };
  }

  #countsOf(name: string, type: DataType): Counts {
    const counts = this.#features.get(name) ?? { compared: 0, differs: 0, maxAbs: isNumericType(type) ? 0 : null };
    this.#features.set(name, counts);
    return counts;
  }
}

export interface Seen {
  readonly probe: Probe;
  readonly expected: Expected;
  readonly served: Served;
}

function exampleOf(
  { joinKeys }: FeatureView,
  { name, type }: { readonly name: string; readonly type: DataType },
  { probe, expected, served }: Seen,
): VerifyExample {
  const statuses =
    expected.status === served.status ? {} : { trainingStatus: expected.status, servingStatus: served.status };
  return {
    feature: name,
    entity: Object.fromEntries(joinKeys.map((key, i) => [key.name, jsonValue(probe.key[i] ?? null, key.type)])),
    at: formatInstant(probe.atMicros),
    training: jsonValue(expected.value, type),
    serving: jsonValue(served.value, type),
    ...statuses,
  };
}
