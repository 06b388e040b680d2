// A continuous aggregate view and T → the plan of what its entries are made of.
import { earliestStartMicros, spanOf } from '../aggregate/windows.ts';
import type { AggregateView, Catalog, ServableView } from '../catalog/catalog.ts';
import type { Expression } from '../catalog/expression.ts';
import type { EntriesNode, PlannedSlot } from './entries-node.ts';
import { frozen, type RowsNode } from './nodes.ts';
import { boundaryOf } from './plan-materialization.ts';
import { rowsOf } from './plan-view.ts';

/** What the store keeps of a view's rows; indexes are into `inputs`. */
export interface EntryShape {
  readonly inputs: readonly Expression[];
  readonly slots: readonly ShapedSlot[];
  readonly mostRows: number;
}

export interface ShapedSlot extends Pick<PlannedSlot, 'family' | 'n' | 'hopMicros'> {
  readonly input: number | null;
  readonly where: number | null;
  readonly by: number | null;
}

export function planEntries(
  catalog: Catalog,
  view: AggregateView,
  untilMicros: bigint,
  { inputs, slots, mostRows }: EntryShape,
): EntriesNode {
  const at = boundaryOf(view, untilMicros);
  const idOf = (index: number | null): string | null => (index === null ? null : `x${index}`);
  const windows = view.features.map((feature) => spanOf(view.kind, feature));
  return frozen({
    kind: 'entries',
    view: view.name,
    rows: planEntryRows(catalog, view, inputs),
    at,
    fromMicros: earliestStartMicros(windows, at.effectiveMicros),
    mostRows,
    slots: slots.map(({ input, where, by, ...slot }) => ({
      ...slot,
      ...{ input: idOf(input), where: idOf(where), by: idOf(by) },
    })),
  });
}

/** The rows that entries of the view are made of; inputs are called `x0`, `x1`, … */
export const planEntryRows = (catalog: Catalog, view: ServableView, inputs: readonly Expression[]): RowsNode =>
  rowsOf(
    catalog,
    view,
    inputs.map((expression, i) => ({ id: `x${i}`, expression })),
  );
