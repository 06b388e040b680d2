// The answers of one view for one key at one instant. Every ViewTable here holds the rows of that key only.
import { type Aggregated, aggregate, OverflowError, type SessionSpan } from './aggregates.ts';
import { parseDuration } from './instants.ts';
import { aggregateByKey, type KeyedInput } from './maps.ts';
import { ABSENT, type Cell, Fault, type ViewRow, type ViewTable } from './rows.ts';
import { compareValues, type Value } from './values.ts';
import { createdLimit, effectiveTime, windowEnd, windowStart } from './windows.ts';
import { type FeatureDefinition, itemAt, type ViewDefinition } from './world.ts';

export type Status =
  | 'NOT_MATERIALIZED'
  | 'TOO_EARLY'
  | 'NOT_FOUND'
  | 'OUTSIDE_MAX_AGE'
  | 'INVALID'
  | 'NULL_VALUE'
  | 'PRESENT';

/** What else is right for a cell: an expired entry may have left the store, a moved window may not be answerable. */
export interface Alternative {
  readonly value: Value;
  readonly status: Status;
}
/** A feature's value before defaults. */
export interface Answer extends Aggregated {
  readonly status: Status;
  readonly fault?: string | undefined; // why it is INVALID
  readonly alternatives?: readonly Alternative[];
  /** Of a label whose window has not passed: null, whatever its default. */
  readonly isImmature?: true;
}
/** The view's features as of t. */
export function answersAt(of: ViewTable, t: bigint): Answer[] {
  return of.view.kind === 'row' ? rowAnswers(of.view, lastRow(of, t), t) : windowAnswers(of, t);
}

/** Could the row be known at t, whatever window it falls into? */
export function isVisible(view: ViewDefinition, row: ViewRow, t: bigint): boolean {
  const e = effectiveTime(view, t);
  const includesNow = view.kind === 'row' && !view.refresh && !view.strictlyBefore;
  const happened = includesNow ? row.eventTime <= e : row.eventTime < e;
  if (view.visibleFrom !== 'created_time') return happened;
  return happened && row.created !== null && row.created <= createdLimit(view, t);
}

export function lastRow(of: ViewTable, t: bigint): ViewRow | undefined {
  const visible = of.rows.filter((row) => isVisible(of.view, row, t));
  return visible.sort(compareRows).at(-1);
}

/** The one row order: event time, created time, values in definition order. */
export function compareRows(a: ViewRow, b: ViewRow): number {
  const byTime = compareValues(a.eventTime, b.eventTime) || compareValues(a.created, b.created);
  const ordered = ({ inputs, deletes }: ViewRow) => [...inputs, deletes].map(inputValue);
  return byTime || compareValues(ordered(a), ordered(b));
}

/** A fault orders as null. */
const inputValue = (input: Cell | undefined): Value =>
  input instanceof Fault || input === ABSENT ? null : (input ?? null);

/** `age` is measured at `at`: a label's time, or a lookup's. */
export function rowAnswers(view: ViewDefinition, row: ViewRow | undefined, at: bigint): Answer[] {
  const expired = row && view.ttl !== undefined && at - row.eventTime > parseDuration(view.ttl);
  return view.features.map((_, i) => {
    if (!row || row.deletes === true) return nothing('NOT_FOUND');
    if (expired) return nothing('OUTSIDE_MAX_AGE');
    const input = row.deletes instanceof Fault ? row.deletes : itemAt(row.inputs, i);
    return input instanceof Fault ? invalid(input.message) : found({ value: inputValue(input), tolerance: 0 });
  });
}

export const nothing = (status: Status): Answer => ({ value: null, tolerance: 0, status });
const invalid = (fault: string): Answer => ({ value: null, tolerance: 0, status: 'INVALID', fault });
const found = (result: Aggregated): Answer => ({ ...result, status: result.value === null ? 'NULL_VALUE' : 'PRESENT' });

/** A key without a row in any of the view's windows, whatever its features' `where`, is not found: its aggregates are the empty ones. */
export function windowAnswers(of: ViewTable, t: bigint): Answer[] {
  const windows = of.view.features.map((feature) => rowsInWindow(of, feature, t));
  const keyIsKnown = windows.some((window) => window.length > 0);
  return of.view.features.map((feature, i) => {
    const window = itemAt(windows, i).filter((row) => row.inputs[i] !== ABSENT);
    const fault = window.map((row) => row.inputs[i]).find((input) => input instanceof Fault);
    if (fault instanceof Fault) return invalid(fault.message);
    const inputs = window.map((row) => ({ ...row, value: inputValue(row.inputs[i]), key: row.mapKeys[i] ?? '' }));
    try {
      const result = aggregated(of.view, feature, t, { type: of.inputTypes[i], inputs });
      return keyIsKnown ? found(result) : { ...result, status: 'NOT_FOUND' };
    } catch (error) {
      if (error instanceof OverflowError) return invalid(error.message);
      throw error;
    }
  });
}

function sessionSpan(view: ViewDefinition, feature: FeatureDefinition, t: bigint): SessionSpan | undefined {
  if (feature.gap === undefined) return undefined;
  return { gap: parseDuration(feature.gap), end: windowEnd(view, feature, effectiveTime(view, t)) };
}

const aggregated = (
  view: ViewDefinition,
  feature: FeatureDefinition,
  t: bigint,
  { type, inputs }: { readonly type: string | undefined; readonly inputs: readonly KeyedInput[] },
): Aggregated =>
  feature.by === undefined
    ? aggregate(feature.aggregate ?? '', type, inputs, sessionSpan(view, feature, t) ?? feature.n ?? feature.p)
    : aggregateByKey(feature, type, inputs);

export function rowsInWindow(of: ViewTable, feature: FeatureDefinition, t: bigint): ViewRow[] {
  if (of.view.kind === 'label')
    return of.rows.filter(({ eventTime }) => eventTime >= t && eventTime < windowEnd(of.view, feature, t));
  const e = effectiveTime(of.view, t);
  const [start, end] = [windowStart(of.view, feature, e), windowEnd(of.view, feature, e)];
  const isInside = ({ eventTime }: ViewRow) => (start === null || eventTime >= start) && eventTime < end;
  return of.rows.filter((row) => isVisible(of.view, row, t) && isInside(row));
}
