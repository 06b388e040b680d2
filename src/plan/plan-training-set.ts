// A feature service and a table of labels → the plan of a training set.

import { PlumbError } from '../../schemas/errors.ts';
import { emptyValueOf } from '../aggregate/aggregate-rules.ts';
import type { Catalog, FeatureService, FeatureView, ServiceFeature } from '../catalog/catalog.ts';
import { requireView } from '../catalog/look-up.ts';
import type {
  LabelInstantsNode,
  Labels,
  OnInvalid,
  Role,
  TrainingSetNode,
  TrainingSetOutput,
  ValuesNode,
} from './nodes.ts';
import { frozen } from './nodes.ts';
import { planView } from './plan-view.ts';

interface PlanOptions {
  /** When the build begins: a label whose window has not passed by then is null. */
  readonly builtMicros: bigint;
  readonly onInvalid?: OnInvalid;
  /** Outputs that a former training set holds → what they are called there: nothing is computed for them. */
  readonly stored?: ReadonlyMap<string, string>;
}

export function planTrainingSet(
  catalog: Catalog,
  service: FeatureService,
  timestampColumn: string,
  { builtMicros, onInvalid = 'fail', stored = new Map() }: PlanOptions,
): TrainingSetNode {
  const reads = groupByView(service.features.filter(({ name }) => !stored.has(name)));
  const parts = [...reads].map(([viewName, read]) => planPart(catalog, viewName, read, builtMicros));
  const outputs = service.features.map((entry) => {
    const column = stored.get(entry.name);
    const output = column === undefined ? planOutput(catalog, reads, entry) : storedOutput(catalog, entry, column);
    return { ...output, ...maturity(requireView(catalog, entry.view), entry.feature, builtMicros) };
  });
  return frozen({
    kind: 'training_set',
    service: service.name,
    labels: plannedLabels(catalog, service, timestampColumn),
    parts,
    outputs,
    onInvalid,
  });
}

interface ViewRead {
  readonly features: Set<string>;
  /** By the JSON of its label columns. */
  readonly roles: Map<string, Role>;
}

/** A view that is read in several roles (origin and destination) is computed once, for the keys of all of them. */
function groupByView(features: readonly ServiceFeature[]): Map<string, ViewRead> {
  const reads = new Map<string, ViewRead>();
  for (const { view, feature, readAs } of features) {
    const read = reads.get(view) ?? { features: new Set<string>(), roles: new Map<string, Role>() };
    read.features.add(feature);
    const key = JSON.stringify(readAs);
    if (!read.roles.has(key)) read.roles.set(key, { labelColumns: readAs });
    reads.set(view, read);
  }
  return reads;
}

function planPart(catalog: Catalog, viewName: string, read: ViewRead, builtMicros: bigint): ValuesNode {
  const view = requireView(catalog, viewName);
  const roles = [...read.roles.values()];
  const ends = [...read.features].map((feature) => maturity(view, feature, builtMicros).matureUntilMicros);
  const latest = ends.reduce((one, other) => (one === undefined || (other ?? one) > one ? other : one), undefined);
  const at: LabelInstantsNode = {
    ...{ kind: 'label_instants', refresh: view.refresh, roles },
    ...(latest === undefined ? {} : { untilMicros: latest }),
  };
  return planView(catalog, view, at, read.features);
}

/** A label is mature at `t` when `t + window` is not after the build's start. Nothing for other features. */
export function maturity(
  view: FeatureView,
  feature: string,
  builtMicros: bigint,
): { readonly matureUntilMicros?: bigint } {
  if (view.kind !== 'label') return {};
  const window = view.features.find(({ name }) => name === feature)?.windowMicros;
  return window === undefined ? {} : { matureUntilMicros: builtMicros - window };
}

function requireFeature(catalog: Catalog, entry: ServiceFeature) {
  const view = requireView(catalog, entry.view);
  const feature = view.features.find(({ name }) => name === entry.feature);
  if (feature === undefined) throw new PlumbError('INTERNAL', `view ${view.name} lacks feature ${entry.feature}`);
  return { view, feature };
}

const storedOutput = (catalog: Catalog, entry: ServiceFeature, column: string): TrainingSetOutput => ({
  name: entry.name,
  type: requireFeature(catalog, entry).feature.type,
  part: null,
  column,
});

function planOutput(catalog: Catalog, reads: ReadonlyMap<string, ViewRead>, entry: ServiceFeature): TrainingSetOutput {
  const { view, feature } = requireFeature(catalog, entry);
  const roles = [...(reads.get(entry.view)?.roles.keys() ?? [])];
  return {
    name: entry.name,
    type: feature.type,
    part: [...reads.keys()].indexOf(entry.view),
    role: roles.indexOf(JSON.stringify(entry.readAs)),
    feature: entry.feature,
    default: feature.default,
    empty: emptyValueOf(view, entry.feature),
  };
}

/** The columns of labels that the service reads. */
export function plannedLabels(catalog: Catalog, service: FeatureService, timestampColumn: string): Labels {
  const keys = new Map<string, Labels['keys'][number]>();
  for (const { view: viewName, readAs } of service.features) {
    const view = requireView(catalog, viewName);
    readAs.forEach((column, i) => {
      const type = view.joinKeys[i]?.type;
      if (type !== undefined) keys.set(column, { column, type });
    });
  }
  return { timestampColumn, keys: [...keys.values()] };
}
