// The plans that are kept as goldens, by name: of each view at labels and at a boundary, and of a service.

import type { Catalog, FeatureService, FeatureView, ServableView } from '../../src/catalog/catalog.ts';
import { hasEntries, requireService, servableViews } from '../../src/catalog/look-up.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { entriesOf } from '../../src/materialize/entries-of-view.ts';
import { createParser } from '../../src/offline/duckdb/parsing-session.ts';
import type { EntriesNode } from '../../src/plan/entries-node.ts';
import type { RootNode } from '../../src/plan/nodes.ts';
import { planKeys } from '../../src/plan/plan-keys.ts';
import { planMaterialization } from '../../src/plan/plan-materialization.ts';
import { planTrainingSet } from '../../src/plan/plan-training-set.ts';
import { DEFINITIONS } from './definitions.ts';

/** 2026-01-08T00:02:00Z: between a boundary and its delay. */
const UNTIL_MICROS = 1_767_830_520_000_000n;

const BUILD = { builtMicros: UNTIL_MICROS };

/** Three instants, a day apart. */
const GRID = {
  fromMicros: UNTIL_MICROS,
  toMicros: UNTIL_MICROS + 3n * 86_400_000_000n,
  everyMicros: 86_400_000_000n,
};

const catalog: Catalog = await resolveDefinitions(DEFINITIONS, {
  project: 'golden',
  inspector: { inspect: async () => ({ fileCount: 1, columns: new Map() }), check: async () => [] },
  compiler: createParser({ memoryBytes: 2 ** 28, threads: 1 }),
});

const serviceOf = (view: FeatureView): FeatureService => ({
  name: view.name,
  description: null,
  owner: null,
  tags: {},
  features: view.features.map(({ name }) => ({
    name,
    view: view.name,
    feature: name,
    readAs: view.joinKeys.map((key) => key.name),
  })),
});

const views = [...catalog.views.values()];
const lookingBack = servableViews(catalog);

const planOfRun = (view: ServableView): RootNode | EntriesNode =>
  hasEntries(view)
    ? entriesOf(catalog, view, { untilMicros: UNTIL_MICROS, mostBytes: 2 ** 20 }).plan
    : planMaterialization(catalog, view, UNTIL_MICROS);

export const PLANS: ReadonlyMap<string, RootNode | EntriesNode> = new Map<string, RootNode | EntriesNode>([
  ...views.map((view) => [`training-${view.name}`, planTrainingSet(catalog, serviceOf(view), 't', BUILD)] as const),
  ['training-two_roles', planTrainingSet(catalog, requireService(catalog, 'two_roles'), 'departs', BUILD)] as const,
  ...lookingBack.map((view) => [`keys-${view.name}`, planKeys(catalog, view, GRID, 't')] as const),
  ...lookingBack.map((view) => [`run-${view.name}`, planOfRun(view)] as const),
]);
