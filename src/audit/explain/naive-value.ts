// One feature of one key at one instant, by the rules of DESIGN section 2 and the key's rows alone: which rows are visible, which
// lie in the window, what they come to.
import { isNumericType, type Status, type Value } from '../../../schemas/types.ts';
import { emptyAggregate, valueTypeOf } from '../../aggregate/aggregate-rules.ts';
import { orderInTime, orderOfLists } from '../../aggregate/value-order.ts';
import { spanOf, windowEndMicros, windowStartMicros } from '../../aggregate/windows.ts';
import type { AggregateFeature, AggregateView, RowView, ServableView } from '../../catalog/catalog.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import type { ValuesNode } from '../../plan/nodes.ts';
import { allowedDistance } from '../companions.ts';
import type { Expected } from '../training-path.ts';
import { naiveAggregate, OVERFLOW, type Term } from './naive-aggregates.ts';
import { type KeyedTerm, naiveMap } from './naive-maps.ts';

export interface Instants {
  /** t: what ages are counted to. */
  readonly atMicros: bigint;
  /** e(t) */
  readonly effectiveMicros: bigint;
  /** p(t) */
  readonly knownMicros: bigint;
}

export interface Evidence {
  readonly view: ServableView;
  /** Of all features of the view: says which input each of them reads. */
  readonly plan: ValuesNode;
  readonly rows: readonly KeyRow[];
}

export interface NaiveValue extends Expected {
  /** Of a row view the visible ones, of an aggregate those in its window that it does not ignore; newest first. */
  readonly counted: readonly KeyRow[];
  readonly defaultApplied: boolean;
}

export function naiveValue(evidence: Evidence, feature: string, instants: Instants): NaiveValue {
  const { view } = evidence;
  return view.kind === 'row'
    ? rowValue(view, evidence, feature, instants)
    : aggregateValue(view, evidence, feature, instants);
}

export const visibleRows = (view: ServableView, rows: readonly KeyRow[], instants: Instants): readonly KeyRow[] =>
  rows.filter((row) => isBefore(view, row, instants) && isKnown(view, row, instants));

function isBefore(view: ServableView, { eventMicros }: KeyRow, { effectiveMicros }: Instants): boolean {
  const mayBeAt = view.kind === 'row' && view.refresh === null && !view.strictlyBefore;
  return mayBeAt ? eventMicros <= effectiveMicros : eventMicros < effectiveMicros;
}

const isKnown = ({ visibleFrom }: ServableView, { createdMicros }: KeyRow, { knownMicros }: Instants): boolean =>
  visibleFrom === 'event_time' || (createdMicros !== null && createdMicros <= knownMicros);

function rowValue(view: RowView, { plan, rows }: Evidence, name: string, instants: Instants): NaiveValue {
  const counted = visibleRows(view, rows, instants).toSorted(
    (a, b) => orderInTime(b, a) || orderOfLists(b.inputs, a.inputs),
  );
  const [chosen] = counted;
  const byDefault = view.features.find((feature) => feature.name === name)?.default ?? null;
  const input = inputOf(plan, name) ?? -1;
  const of = (status: Status, raw: Value): NaiveValue => valued({ status, raw, byDefault, counted, tolerance: 0 });
  if (chosen === undefined) return of('NOT_FOUND', null);
  const deletes = deletingInput(plan);
  if (deletes !== null && chosen.failed[deletes] !== true && chosen.inputs[deletes] === true)
    return of('NOT_FOUND', null);
  const isExpired = view.ttlMicros !== null && instants.atMicros - chosen.eventMicros > view.ttlMicros;
  if (isExpired) return of('OUTSIDE_MAX_AGE', null);
  if (chosen.failed[input] === true || chosen.failed[deletes ?? -1] === true) return of('INVALID', null);
  const raw = chosen.inputs[input] ?? null;
  return of(raw === null ? 'NULL_VALUE' : 'PRESENT', raw);
}

function aggregateValue(view: AggregateView, { plan, rows }: Evidence, name: string, instants: Instants): NaiveValue {
  const visible = visibleRows(view, rows, instants).toSorted((a, b) => orderInTime(b, a));
  const feature = view.features.find((one) => one.name === name) as AggregateFeature;
  const input = inputOf(plan, name);
  const failed = (row: KeyRow): boolean => (input === null ? row.whereFailed : row.failed[input] === true);
  const read = (row: KeyRow): Value => (input === null ? true : (row.inputs[input] ?? null));
  const counted = inWindow(visible, feature, instants).filter((row) => failed(row) || read(row) !== null);
  const byDefault = feature.default;
  if (!view.features.some((one) => inWindow(visible, one, instants).length > 0)) {
    const raw = emptyAggregate(feature);
    return valued({ status: 'NOT_FOUND', raw, byDefault, counted, tolerance: 0 });
  }
  const keyAt = keyOf(plan, name);
  const terms = counted.map((row) => ({ row, value: read(row), key: String(row.inputs[keyAt] ?? '') }));
  // What failed has no value to aggregate.
  const raw = counted.some(failed) ? OVERFLOW : aggregated(terms, feature, instants);
  if (raw === OVERFLOW) return valued({ status: 'INVALID', raw: null, byDefault, counted, tolerance: 0 });
  const status = raw === null ? 'NULL_VALUE' : 'PRESENT';
  return valued({ status, raw, byDefault, counted, tolerance: toleranceOf(feature, terms, raw) });
}

function aggregated(terms: readonly KeyedTerm[], feature: AggregateFeature, { effectiveMicros }: Instants) {
  const endMicros = windowEndMicros(spanOf('aggregate', feature), effectiveMicros);
  return feature.by === undefined
    ? naiveAggregate(terms, feature, endMicros)
    : naiveMap(terms, feature, { ...feature.by, endMicros });
}

/** The place of the input that says whether a row deletes its key; null where rows cannot. */
function deletingInput(plan: ValuesNode): number | null {
  const id = plan.kind === 'latest_row' ? plan.deletedWhen : undefined;
  return id === undefined ? null : plan.rows.inputs.findIndex((input) => input.id === id);
}

function inWindow(rows: readonly KeyRow[], feature: AggregateFeature, { effectiveMicros }: Instants) {
  const span = spanOf('aggregate', feature);
  const [start, end] = [windowStartMicros(span, effectiveMicros), windowEndMicros(span, effectiveMicros)];
  return rows.filter(({ eventMicros }) => (start === null || eventMicros >= start) && eventMicros < end);
}

/** Its place among the inputs of the plan; null where rows are counted. */
function inputOf({ features, rows }: ValuesNode, name: string): number | null {
  const id = features.find((feature) => feature.name === name)?.input ?? null;
  return id === null ? null : rows.inputs.findIndex((input) => input.id === id);
}

/** The place of what a map is keyed by; -1 where it is none. */
function keyOf(plan: ValuesNode, name: string): number {
  const feature = plan.kind === 'windows' ? plan.features.find((one) => one.name === name) : undefined;
  return plan.rows.inputs.findIndex(({ id }) => id === feature?.by?.input);
}

interface Found extends Pick<NaiveValue, 'status' | 'counted' | 'tolerance'> {
  /** Before the default. */
  readonly raw: Value;
  readonly byDefault: Value;
}

function valued({ status, raw, byDefault, counted, tolerance }: Found): NaiveValue {
  const defaultApplied = raw === null && byDefault !== null && status !== 'INVALID';
  return { value: defaultApplied ? byDefault : raw, status, tolerance, counted, defaultApplied };
}

const SPREADS: readonly string[] = ['stddev_pop', 'stddev_samp', 'var_pop', 'var_samp'];

/** As far as two orders of summing may lie apart. */
function toleranceOf(feature: AggregateFeature, terms: readonly Term[], raw: Value): number {
  const { aggregate, input, by } = feature;
  const isSpread = SPREADS.includes(aggregate);
  if (valueTypeOf(feature) !== 'float64' || input === null || !isNumericType(input.type)) return 0;
  if (!isSpread && aggregate !== 'sum' && aggregate !== 'mean') return 0;
  const sizes = terms.map(({ value }) => Math.abs(Number(value)));
  const sum = sizes.reduce((all, size) => all + (isSpread ? size * size : size), 0);
  // Of a map, the sum over all keys: no key's own sum or mean is greater.
  const scale = aggregate === 'sum' || by !== undefined ? sum : sum / terms.length;
  return Number.isFinite(scale)
    ? allowedDistance(aggregate, scale, by === undefined ? raw : null)
    : Number.POSITIVE_INFINITY;
}
