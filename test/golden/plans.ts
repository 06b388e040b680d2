// The plans that are kept as goldens, by name: of each view at labels and at a boundary, and of a service.

import type { Catalog, FeatureService, FeatureView } from '../../src/catalog/catalog.ts';
import { requireService } from '../../src/catalog/look-up.ts';
import { resolveDefinitions } from '../../src/definitions/resolve.ts';
import { createParser } from '../../src/offline/duckdb/parsing-session.ts';
import type { RootNode } from '../../src/plan/nodes.ts';
import { planKeys } from '../../src/plan/plan-keys.ts';
import { planMaterialization } from '../../src/plan/plan-materialization.ts';
import { planTrainingSet } from '../../src/plan/plan-training-set.ts';
import { DEFINITIONS } from './definitions.ts';

/** 2026-01-08T00:02:00Z: between a boundary and its delay. */
const UNTIL_MICROS = 1_767_830_520_000_000n;

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
  features: view.features.map(({ name }) => ({ name, view: view.name, feature: name, readAs: ['airport'] })),
});

const views = [...catalog.views.values()];
const isServed = (view: FeatureView): boolean => view.kind === 'row' || view.refresh !== null;

export const PLANS: ReadonlyMap<string, RootNode> = new Map<string, RootNode>([
  ...views.map((view) => [`training-${view.name}`, planTrainingSet(catalog, serviceOf(view), 't')] as const),
  ['training-two_roles', planTrainingSet(catalog, requireService(catalog, 'two_roles'), 'departs')] as const,
  ...views.map((view) => [`keys-${view.name}`, planKeys(catalog, view, GRID, 't')] as const),
  ...views
    .filter(isServed)
    .map((view) => [`run-${view.name}`, planMaterialization(catalog, view, UNTIL_MICROS)] as const),
]);
