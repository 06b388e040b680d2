// What the entries of a continuous aggregate view hold: its inputs and conditions, each once, are the cells of the
// rows.
import { PlumbError } from '../../../schemas/errors.ts';
import { keyText, withKey } from '../../catalog/by-keys.ts';
import type { AggregateFeature, AggregateView, RowView, ServableView } from '../../catalog/catalog.ts';
import { type Expression, widenedTo } from '../../catalog/expression.ts';
import type { EntryDefinition, EntryFeature } from './entry-layout.ts';

export interface ViewEntry extends EntryDefinition {
  /** What each cell is computed by. */
  readonly inputs: readonly Expression[];
}

export function viewEntry(view: AggregateView): ViewEntry {
  if (view.refresh !== null)
    throw new PlumbError('INTERNAL', `${view.name} is scheduled: it has rows online, not entries`);
  const cells = new Cells();
  const features = view.features.map((feature) => entryFeature(feature, cells));
  return {
    cells: cells.inputs.map(({ type }) => type),
    inputs: cells.inputs,
    features,
    hidesByCreated: view.visibleFrom === 'created_time',
  };
}

/** Of a continuous row view: a cell for each feature, and one for `deletedWhen` where it has that. No partials. */
export function rowViewEntry({ features, deletedWhen, visibleFrom }: RowView): ViewEntry {
  const values = features.map(({ expression, type }) => widenedTo(expression, type));
  const inputs = deletedWhen === undefined ? values : [...values, deletedWhen];
  return {
    cells: inputs.map(({ type }) => type),
    inputs,
    features: [],
    hidesByCreated: visibleFrom === 'created_time',
  };
}

/** Of a continuous view of either kind. */
export const entryOfView = (view: ServableView): ViewEntry =>
  view.kind === 'row' ? rowViewEntry(view) : viewEntry(view);

function entryFeature(feature: AggregateFeature, cells: Cells): EntryFeature {
  const { aggregate, input, where, by, n, p, windowMicros, hopMicros, offsetMicros = 0n, gapMicros = null } = feature;
  const cellOf = (read: Expression | null | undefined): number | null => {
    if (read === null || read === undefined) return null;
    return cells.add(by === undefined ? read : withKey(by, read));
  };
  return {
    ...{ aggregate, n, p, hopMicros, widthMicros: windowMicros, offsetMicros, gapMicros },
    ...{ input: cellOf(input), where: cellOf(where) },
    by: by === undefined ? null : { cell: cells.add(keyText(by)), top: by.top, asKeys: by.asKeys },
  };
}

class Cells {
  readonly inputs: Expression[] = [];
  readonly #known = new Map<string, number>();

  /** Its index. */
  add(input: Expression): number {
    const key = JSON.stringify([input.type, input.tree], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.inputs.length);
    return this.inputs.push(input) - 1;
  }
}
