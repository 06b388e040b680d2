// What a verification has to know of a value beside the value: whether there was a row at all, whether it was too old, how large
// the numbers were that were summed. Computed by the training path too, from views beside the one that is verified: adding
// features to that one would change the plan that is verified.
import type { DataType, Status, Value } from '../../schemas/types.ts';
import { isNumericType } from '../../schemas/types.ts';
import { valueTypeOf } from '../aggregate/aggregate-rules.ts';
import type {
  AggregateFeature,
  AggregateView,
  FeatureView,
  LabelView,
  RowFeature,
  RowView,
} from '../catalog/catalog.ts';
import type { Expression, ExpressionNode } from '../catalog/expression.ts';

export interface Companions {
  /** In place of none of the catalog's: their names have a space. */
  readonly views: readonly FeatureView[];
  /** `read`: the value of a companion at one label, by its view and feature. */
  isFound(read: ReadCompanion): boolean;
  isExpired(read: ReadCompanion): boolean;
  /** How far two orders of summing may lie apart. */
  tolerance(feature: string, value: Value, read: ReadCompanion): number;
}

export type ReadCompanion = (view: string, feature: string) => Value;

export const companionsOf = (view: FeatureView): Companions =>
  view.kind === 'row' ? besideRows(view) : besideWindows(view);

const PLAIN = { description: null, owner: null, tags: {} } as const;

// A row whose `where` failed is chosen and reads INVALID: the companion is null then, and not its default.
const SEEN: RowFeature = {
  ...PLAIN,
  name: 'is seen',
  type: 'bool',
  expression: {
    sql: 'true',
    type: 'bool',
    tree: { kind: 'literal', type: 'bool', value: true },
    canFail: false,
  },
  default: false,
};

function besideRows(view: RowView): Companions {
  const [ever, fresh] = [`${view.name} ever`, `${view.name} fresh`];
  // Which row is chosen, and so whether it deletes the key, depends on the values of all features.
  const features = view.deletedWhen === undefined ? [SEEN] : [...view.features, SEEN];
  return {
    views: [
      { ...view, name: ever, ttlMicros: null, features },
      ...(view.ttlMicros === null ? [] : [{ ...view, name: fresh, features }]),
    ],
    isFound: (read) => read(ever, SEEN.name) !== false,
    isExpired: (read) => view.ttlMicros !== null && read(fresh, SEEN.name) === false,
    tolerance: () => 0,
  };
}

const WINDOW_KEYS = ['windowMicros', 'offsetMicros', 'hopMicros'] as const;

function besideWindows(view: AggregateView | LabelView): Companions {
  const name = `${view.name} beside`;
  const windows = new Map(
    view.features.map((feature) => [`rows ${WINDOW_KEYS.map((key) => feature[key]).join('/')}`, feature]),
  );
  const counts = [...windows].map(([count, { where: _, ...feature }]) => counting(feature, count, null));
  const scales = view.features.flatMap(scalesOf);
  return {
    views: [{ ...view, name, features: [...counts, ...scales] } as FeatureView],
    // A window with a row whose `where` failed has an INVALID count: null.
    isFound: (read) => counts.some((count) => read(name, count.name) !== 0n),
    isExpired: () => false,
    tolerance: (feature, value, read) => {
      const of = view.features.find((candidate) => candidate.name === feature);
      if (of === undefined || scalesOf(of).length === 0) return 0;
      const scale = read(name, `scale ${feature}`);
      // Terms that overflow float64 read as null: then the order of summing decides.
      if (scale === null) return read(name, `terms ${feature}`) === 0n ? 0 : Number.POSITIVE_INFINITY;
      return allowedDistance(of.aggregate, scale as number, of.by === undefined ? value : null);
    },
  };
}

const withoutBy = ({ by: _, ...feature }: AggregateFeature): AggregateFeature => feature;

const counting = (feature: AggregateFeature, name: string, input: Expression | null): AggregateFeature => ({
  ...withoutBy(feature),
  ...PLAIN,
  ...{ name, type: 'int64', aggregate: 'count', input, n: null, p: null, default: null },
});

/** Of sums, means and variances of numbers: how many there are, and the mean or sum of what the contract measures them by. */
function scalesOf(feature: AggregateFeature): readonly AggregateFeature[] {
  const { aggregate, input, by } = feature;
  if (input === null || valueTypeOf(feature) !== 'float64' || !isNumericType(input.type)) return [];
  const isSpread = SPREADS.has(aggregate);
  if (!isSpread && aggregate !== 'sum' && aggregate !== 'mean') return [];
  const scale: AggregateFeature = {
    ...withoutBy(feature),
    ...PLAIN,
    name: `scale ${feature.name}`,
    type: 'float64',
    // Of a map, the sum over all keys: no key's own sum or mean is greater.
    aggregate: aggregate === 'sum' || by !== undefined ? 'sum' : 'mean',
    input: sizeOf(input, isSpread),
    default: null,
  };
  return [scale, counting(feature, `terms ${feature.name}`, input)];
}

const SPREADS: ReadonlySet<string> = new Set(['stddev_pop', 'stddev_samp', 'var_pop', 'var_samp']);

function sizeOf(input: Expression, isSquare: boolean): Expression {
  const type: DataType = 'float64';
  const float: ExpressionNode = { kind: 'cast', type, arg: input.tree };
  const tree: ExpressionNode = isSquare
    ? { kind: 'call', name: '*', type, args: [float, float] }
    : { kind: 'call', name: 'abs', type, args: [float] };
  return { sql: `size of ${input.sql}`, type, tree, canFail: input.canFail };
}

const RELATIVE = 1e-9;

/** DESIGN section 2: 1e-9 of the terms. Of a root: |√a - √b| = |a - b| / (√a + √b), and at most √|a - b|. */
export function allowedDistance(aggregate: string, scale: number, value: Value): number {
  // The divisor of a sample form is n - 1, at least n / 2.
  const tolerance = RELATIVE * scale * (aggregate.endsWith('_samp') ? 2 : 1);
  if (!aggregate.startsWith('stddev')) return tolerance;
  return Math.min(Math.sqrt(tolerance), typeof value === 'number' && value > 0 ? tolerance / value : Infinity);
}

/** What serving has to say of a value, by the training path alone. `raw`: before its default. */
export function expectedStatus(
  companions: Companions,
  read: ReadCompanion,
  { raw, isInvalid }: { readonly raw: Value; readonly isInvalid: boolean },
): Status {
  if (!companions.isFound(read)) return 'NOT_FOUND';
  if (companions.isExpired(read)) return 'OUTSIDE_MAX_AGE';
  if (isInvalid) return 'INVALID';
  return raw === null ? 'NULL_VALUE' : 'PRESENT';
}
