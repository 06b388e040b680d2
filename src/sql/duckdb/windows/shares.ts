// The features of a view in shares that are computed at once: those with one value for all rows, and for each column that maps
// are keyed by those maps. A share is a view of its own, whose keys have that column besides; its values by key are then put
// together (maps.ts). A companion counts what each feature reads, because a key without a value in the window is in no map.
import type { PlannedAggregate, WindowsNode } from '../../../plan/nodes.ts';

export interface Share {
  /** The column of keys; null: one value for all rows. */
  readonly key: string | null;
  readonly node: WindowsNode;
  readonly members: readonly Member[];
}

/** A feature: `v<index>` of the whole from `v<at>` of its share. */
export interface Member {
  readonly feature: PlannedAggregate;
  readonly index: number;
  readonly at: number;
  /** Whose value is how many rows of the window the feature reads. */
  readonly countAt: number;
}

export function sharesOf(node: WindowsNode): readonly Share[] {
  const indexed = node.features.map((feature, index) => ({ feature, index }));
  const groups = Map.groupBy(indexed, ({ feature }) => feature.by?.input ?? null);
  return [...groups].map(([key, group]) => shareOf(node, key, group));
}

type Indexed = Pick<Member, 'feature' | 'index'>;

function shareOf(node: WindowsNode, key: string | null, group: readonly Indexed[]): Share {
  const features = group.map(({ feature }) => withoutKeys(feature));
  const counts = key === null ? [] : countsOf(features);
  const members = group.map(({ feature, index }, at) => ({
    ...{ feature, index, at },
    countAt: feature.aggregate === 'count' ? at : features.length + counts.findIndex((count) => reads(count, feature)),
  }));
  return { key, node: { ...node, features: [...features, ...counts] }, members };
}

function withoutKeys({ by, ...feature }: PlannedAggregate): PlannedAggregate {
  return by === undefined ? feature : { ...feature, type: by.valueType };
}

/** Each once; of a count none. */
function countsOf(features: readonly PlannedAggregate[]): readonly PlannedAggregate[] {
  const counts: PlannedAggregate[] = [];
  for (const { aggregate, input, window } of features) {
    if (aggregate === 'count' || counts.some((count) => reads(count, { input, window }))) continue;
    counts.push({ name: '', type: 'int64', aggregate: 'count', input, window, n: null, p: null });
  }
  return counts;
}

const reads = (count: PlannedAggregate, { input, window }: Pick<PlannedAggregate, 'input' | 'window'>): boolean =>
  count.input === input && count.window === window;
