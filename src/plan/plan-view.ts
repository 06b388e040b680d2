// One feature view → the node that computes its values at given instants.
import type { AggregateView, FeatureView, RowView, Source } from '../catalog/catalog.ts';
import type { Expression } from '../catalog/expression.ts';
import type { Input, InstantsNode, LatestRowNode, RowsNode, ValuesNode, Window, WindowsNode } from './nodes.ts';

/** `wanted`: the features to compute, in any order; null for all. Row views need all values to order tied rows. */
export function planView(
  view: FeatureView,
  source: Source,
  at: InstantsNode,
  wanted: ReadonlySet<string> | null,
): ValuesNode {
  return view.kind === 'row' ? planRowView(view, source, at) : planAggregateView(view, source, at, wanted);
}

function planRowView(view: RowView, source: Source, at: InstantsNode): LatestRowNode {
  const inputs = new Inputs();
  const features = view.features.map(({ name, type, expression }) => ({
    name,
    type,
    input: inputs.add(expression, type),
  }));
  return {
    kind: 'latest_row',
    view: view.name,
    rows: rowsOf(view, source, inputs),
    at,
    strictlyBefore: view.refresh !== null || view.strictlyBefore,
    delayMicros: view.refresh?.delayMicros ?? 0n,
    ttlMicros: view.ttlMicros,
    features,
  };
}

function planAggregateView(
  view: AggregateView,
  source: Source,
  at: InstantsNode,
  wanted: ReadonlySet<string> | null,
): WindowsNode {
  const inputs = new Inputs();
  const windows = new Map<string, Window>();
  const features = view.features
    .filter(({ name }) => wanted === null || wanted.has(name))
    .map((feature) => {
      const key = `${feature.windowMicros}/${feature.hopMicros}`;
      const window = windows.get(key) ?? {
        id: `w${windows.size}`,
        widthMicros: feature.windowMicros,
        hopMicros: feature.hopMicros,
      };
      windows.set(key, window);
      const { name, type, aggregate, n, p } = feature;
      const input = feature.input === null ? null : inputs.add(feature.input, feature.input.type);
      return { name, type, aggregate, input, window: window.id, n, p };
    });
  return {
    kind: 'windows',
    view: view.name,
    rows: rowsOf(view, source, inputs),
    at,
    delayMicros: view.refresh?.delayMicros ?? 0n,
    windows: [...windows.values()],
    features,
  };
}

function rowsOf(view: FeatureView, source: Source, inputs: Inputs): RowsNode {
  return {
    kind: 'rows',
    view: view.name,
    scan: { kind: 'source_scan', id: source.name, source },
    keys: view.joinKeys.map(({ name, type, column }) => ({ name, type, column })),
    where: view.where,
    inputs: inputs.all,
    createdVisibility: view.visibleFrom === 'created_time',
  };
}

/** Collects expressions, each once. */
class Inputs {
  readonly all: Input[] = [];
  readonly #ids = new Map<string, string>();

  /** Widens to `type` where the expression's own type is narrower (int32 → int64, int → float64, …). */
  add(expression: Expression, type: Expression['type']): string {
    const widened: Expression =
      expression.type === type
        ? expression
        : { ...expression, type, tree: { kind: 'cast', type, arg: expression.tree } };
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
