// A continuous aggregate view and the T of a run → what the engine computes its entries from, and how each is made.
import type { MakeEntry } from '../aggregate/entry-material.ts';
import type { AggregateView, Catalog } from '../catalog/catalog.ts';
import { MOST_ROWS } from '../online/entry/entry.ts';
import { entryLayout } from '../online/entry/entry-layout.ts';
import { entryMaker } from '../online/entry/fill-entry.ts';
import { viewEntry } from '../online/entry/view-entry.ts';
import type { EntriesNode } from '../plan/entries-node.ts';
import { canBeInvalid } from '../plan/nodes.ts';
import { planEntries } from '../plan/plan-entries.ts';
import { planMaterialization } from '../plan/plan-materialization.ts';

export interface ViewEntries {
  readonly plan: EntriesNode;
  readonly make: MakeEntry;
}

/** `mostBytes`: of an entry; features that would make it bigger read INVALID. */
export function entriesOf(
  catalog: Catalog,
  view: AggregateView,
  { untilMicros, mostBytes }: { readonly untilMicros: bigint; readonly mostBytes: number },
): ViewEntries {
  const definition = viewEntry(view);
  const layout = entryLayout(definition);
  const slots = layout.slots.map(({ family, input, where, by, n, hopMicros }) => ({
    ...{ family: family.kind, input, where, by, n: n ?? 1, hopMicros },
  }));
  const { values } = planMaterialization(catalog, view, untilMicros);
  const names = view.features.map(({ name }) => name);
  return {
    plan: planEntries(catalog, view, untilMicros, { inputs: definition.inputs, slots, mostRows: MOST_ROWS }),
    make: entryMaker(layout, {
      ...{ names, mostBytes, frontierMicros: untilMicros },
      canBeInvalid: names.some((name) => canBeInvalid(values, name)),
    }),
  };
}
