// Other definitions over the sources of a world, as somebody would change them: always valid ones.
import type { Random } from '../oracle/random.ts';
import type { Definitions, FeatureDefinition, ServiceEntry, ViewDefinition } from '../oracle/world.ts';

/** Every view may change, or go; the services keep what is left of their features. */
export function otherDefinitions(random: Random, definitions: Definitions): Definitions {
  const featureViews = definitions.featureViews.flatMap((view) => {
    if (view.kind === 'label' || random.chance(0.3)) return [view];
    return random.chance(0.12) ? [] : [otherView(random, view)];
  });
  const featureServices = definitions.featureServices.map((service) => ({
    ...service,
    features: service.features.flatMap((entry) => stillThere(featureViews, entry)),
  }));
  const isServed = featureServices.every(({ features }) =>
    features.some((entry) => viewOf(featureViews, nameOf(entry))?.kind !== 'label'),
  );
  return isServed ? { ...definitions, featureViews, featureServices } : definitions;
}

const viewOf = (views: readonly ViewDefinition[], name: string): ViewDefinition | undefined =>
  views.find((view) => view.name === name);

const nameOf = (entry: ServiceEntry): string => (typeof entry === 'string' ? (entry.split(':')[0] ?? '') : entry.view);

function stillThere(views: readonly ViewDefinition[], entry: ServiceEntry): readonly ServiceEntry[] {
  const view = viewOf(views, nameOf(entry));
  if (view === undefined) return [];
  const has = (feature: string): boolean => feature === '*' || view.features.some(({ name }) => name === feature);
  if (typeof entry === 'string') return has(entry.split(':')[1] ?? '') ? [entry] : [];
  if (entry.features === '*') return [entry];
  const features = entry.features.filter(has);
  return features.length === 0 ? [] : [{ ...entry, features }];
}

const WINDOWS = ['7s', '3m', '45m', '5h', '2d', '10d'];
const EVERY = ['20s', '10m', '2h', '2d'];
const TTLS = ['30s', '20m', '3h', '2d'];

type Change = (random: Random, view: ViewDefinition) => ViewDefinition;

const without = <T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> => {
  const { [key]: _, ...rest } = from;
  return rest;
};

const CHANGES: readonly Change[] = [
  (random, view) => ({ ...view, features: random.sample(view.features, view.features.length) }),
  (random, view) => ({ ...view, features: someOf(random, view) }),
  (random, view) => ({
    ...view,
    features: view.features.map((one) => (random.chance(0.5) ? otherWindow(random, one) : one)),
  }),
  (_, view) => without(view, 'where'),
  (random, view) => (view.kind === 'row' ? { ...view, ttl: random.pick(TTLS) } : view),
  (_, view) => (view.kind === 'row' ? without(view, 'ttl') : view),
  (_, view) => (view.kind === 'row' ? { ...view, strictlyBefore: view.strictlyBefore !== true } : view),
  (_, view) => without(view, 'visibleFrom'),
  (random, view) => (view.refresh === undefined ? view : { ...view, refresh: { every: random.pick(EVERY) } }),
  (_, view) => ({ ...view, features: view.features.map((one) => without(one, 'default')) }),
];

const otherView: Change = (random, view) =>
  random.sample(CHANGES, random.int(1, 2)).reduce((changed, change) => change(random, changed), view);

const someOf = (random: Random, { features }: ViewDefinition): readonly FeatureDefinition[] => {
  const kept = features.filter(() => random.chance(0.6));
  return kept.length === 0 ? features : kept;
};

/** Of a scheduled view: those of continuous ones must fit their hops. */
const otherWindow = (random: Random, feature: FeatureDefinition): FeatureDefinition =>
  feature.window === undefined || feature.window === 'unbounded' || feature.hop !== undefined
    ? feature
    : { ...feature, window: random.pick(WINDOWS) };
