// One feature view → the node that computes its values at given instants.
import { valueTypeOf } from '../aggregate/aggregate-rules.ts';
import { spanOf } from '../aggregate/windows.ts';
import { keyText } from '../catalog/by-keys.ts';
import type { AggregateFeature, AggregateView, Catalog, FeatureView, LabelView, RowView } from '../catalog/catalog.ts';
import { erasedKeysOf } from '../catalog/erasures.ts';
import { type Expression, widenedTo } from '../catalog/expression.ts';
import { sourceOf } from '../catalog/look-up.ts';
import { conditionalInput } from './conditional-input.ts';
import type {
  Input,
  InstantsNode,
  LatestRowNode,
  PlannedAggregate,
  RowsNode,
  ValuesNode,
  Window,
  WindowsNode,
} from './nodes.ts';
import { ONE_KEY } from './nodes.ts';

/** `wanted`: the features to compute, in any order; null for all. Row views need all values to order tied rows. */
export function planView(
  catalog: Catalog,
  view: FeatureView,
  at: InstantsNode,
  wanted: ReadonlySet<string> | null,
): ValuesNode {
  return view.kind === 'row' ? planRowView(catalog, view, at) : planAggregateView(catalog, view, at, wanted);
}

function planRowView(catalog: Catalog, view: RowView, at: InstantsNode): LatestRowNode {
  const inputs = new Inputs();
  const features = view.features.map(({ name, type, expression }) => ({
    name,
    type,
    input: inputs.add(expression, type),
  }));
  const { deletedWhen } = view;
  const deletes = deletedWhen === undefined ? {} : { deletedWhen: inputs.add(deletedWhen, deletedWhen.type) };
  return {
    kind: 'latest_row',
    view: view.name,
    rows: rowsOf(catalog, view, inputs.all),
    at,
    strictlyBefore: view.refresh !== null || view.strictlyBefore,
    delayMicros: view.refresh?.delayMicros ?? 0n,
    ttlMicros: view.ttlMicros,
    ...deletes,
    features,
  };
}

function planAggregateView(
  catalog: Catalog,
  view: AggregateView | LabelView,
  at: InstantsNode,
  wanted: ReadonlySet<string> | null,
): WindowsNode {
  const inputs = new Inputs();
  const windows = new Map<string, Window>();
  const all: readonly AggregateFeature[] = view.features;
  const features = all
    .filter(({ name }) => wanted === null || wanted.has(name))
    .map((feature) => {
      const key = `${feature.windowMicros}/${feature.offsetMicros}/${feature.hopMicros}`;
      const window = windows.get(key) ?? { id: `w${windows.size}`, ...spanOf(view.kind, feature) };
      windows.set(key, window);
      return plannedAggregate(feature, window, inputs);
    });
  return {
    kind: 'windows',
    view: view.name,
    rows: rowsOf(catalog, view, inputs.all),
    at,
    delayMicros: view.refresh?.delayMicros ?? 0n,
    windows: [...windows.values()],
    features,
  };
}

function plannedAggregate(feature: AggregateFeature, window: Window, inputs: Inputs): PlannedAggregate {
  const { name, type, aggregate, n, p, gapMicros, by } = feature;
  const gap = gapMicros === undefined ? {} : { gapMicros };
  const read = conditionalInput(feature);
  const input = read === null ? null : inputs.add(read, read.type);
  const planned = { name, type, aggregate, input, window: window.id, n, p, ...gap };
  if (by === undefined) return planned;
  const { top, asKeys } = by;
  return { ...planned, by: { input: inputs.add(keyText(by), 'string'), valueType: valueTypeOf(feature), top, asKeys } };
}

export function rowsOf(catalog: Catalog, view: FeatureView, inputs: readonly Input[]): RowsNode {
  const source = sourceOf(catalog, view);
  const erased = erasedKeysOf(catalog, view);
  return {
    kind: 'rows',
    view: view.name,
    scan: { kind: 'source_scan', id: source.name, source },
    keys:
      view.entities.length === 0 ? [ONE_KEY] : view.joinKeys.map(({ name, type, column }) => ({ name, type, column })),
    where: view.where,
    inputs,
    createdVisibility: view.visibleFrom === 'created_time',
    ...(erased.length === 0 ? {} : { erased }),
  };
}

/** Collects expressions, each once. */
class Inputs {
  readonly all: Input[] = [];
  readonly #ids = new Map<string, string>();

  /** Widens to `type` where the expression's own type is narrower (int32 → int64, int → float64, …). */
  add(expression: Expression, type: Expression['type']): string {
    const widened = widenedTo(expression, type);
    const key = JSON.stringify([type, widened.tree], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `x${this.all.length}`;
    this.#ids.set(key, id);
    this.all.push({ id, expression: widened });
    return id;
  }
}
