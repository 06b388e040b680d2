// Columns of an Arrow answer: one per feature, in the order asked for; then, where asked for, one per feature for its status,
// and one per view (and reading of it) for event times. Made once per binding of a request.
//
//   profile__country │ clicks__spend │ profile__country__status │ clicks__spend__status │ profile__event_time │ clicks__event_time
import { type DataType as ArrowType, Field } from 'apache-arrow';
import { PlumbError } from '../../../schemas/errors.ts';
import type { DataType, Value } from '../../../schemas/types.ts';
import { quote } from '../../quote.ts';
import type { BoundRequest } from '../lookup/bound-request.ts';
import type { Segment } from '../lookup/segments.ts';
import { valueText } from '../value-json.ts';
import { arrowType, INSTANT, STATUS } from './arrow-types.ts';

export interface FeatureColumn {
  readonly name: string;
  readonly type: DataType;
  readonly arrow: ArrowType;
  /** What stands where the row as a whole does not count. */
  readonly texts: Readonly<Record<keyof Segment['values'], Uint8Array>>;
  /** The column of its event times; null where the live rows lack the feature. */
  readonly eventTimeName: string | null;
}

export interface AnswerColumns {
  readonly features: readonly FeatureColumn[];
  /** As they follow each other in `features`. */
  readonly segments: readonly Segment[];
  /** A segment of each row of a view in a role: the event times of all features that are read from it. */
  readonly eventTimes: ReadonlyMap<string, Segment>;
}

const KNOWN = new WeakMap<BoundRequest, AnswerColumns>();

export function columnsOf(bound: BoundRequest): AnswerColumns {
  const known = KNOWN.get(bound);
  if (known !== undefined) return known;
  const segments = bound.segments('number');
  const features = segments.flatMap((segment) => {
    const name = eventTimeName(bound, segment);
    return segment.values.NOT_FOUND.map((_, index) => ({ segment, index, eventTimeName: name }));
  });
  const eventTimes = new Map<string, Segment>();
  for (const { segment, eventTimeName: name } of features) if (name !== null) eventTimes.set(name, segment);
  const columns = {
    features: features.map((feature, output) => featureColumn(bound, feature, output)),
    segments,
    eventTimes,
  };
  KNOWN.set(bound, columns);
  return columns;
}

interface Feature {
  readonly segment: Segment;
  /** In the segment. */
  readonly index: number;
  readonly eventTimeName: string | null;
}

function featureColumn({ resolved }: BoundRequest, feature: Feature, output: number): FeatureColumn {
  const { segment, index, eventTimeName } = feature;
  const type = resolved.types[output] as DataType;
  const textOf = (values: readonly Value[]): Uint8Array => valueText(type, values[index] as Value);
  const { UNAVAILABLE, NOT_MATERIALIZED, TOO_EARLY, NOT_FOUND, OUTSIDE_MAX_AGE } = segment.values;
  return {
    name: resolved.names[output] as string,
    type,
    arrow: arrowType(type),
    texts: {
      UNAVAILABLE: textOf(UNAVAILABLE),
      NOT_MATERIALIZED: textOf(NOT_MATERIALIZED),
      TOO_EARLY: textOf(TOO_EARLY),
      NOT_FOUND: textOf(NOT_FOUND),
      OUTSIDE_MAX_AGE: textOf(OUTSIDE_MAX_AGE),
    },
    eventTimeName,
  };
}

/** A service may read a view twice, under other names of its join keys; they then tell the columns apart. */
function eventTimeName({ resolved }: BoundRequest, { space, role, view, isMissing }: Segment): string | null {
  if (isMissing) return null;
  const { roles, views } = resolved.keySpaces[space] as BoundRequest['resolved']['keySpaces'][number];
  const name = views[view]?.name ?? '';
  const readings = roles.filter(({ columns }) => columns.some((column) => column.view.name === name));
  return readings.length === 1 ? `${name}__event_time` : `${name}__event_time__${roles[role]?.readAs.join('__')}`;
}

/** INVALID_REQUEST where two columns would have one name: readers find columns by name. */
export function fieldsOf(
  { features, eventTimes }: AnswerColumns,
  asked: { readonly statuses?: boolean; readonly eventTimes?: boolean },
): Field[] {
  const fields = features.map(({ name, arrow, eventTimeName }) => {
    const metadata = asked.eventTimes !== true || eventTimeName === null ? [] : [['eventTime', eventTimeName] as const];
    return new Field(name, arrow, true, new Map(metadata));
  });
  if (asked.statuses === true)
    for (const { name } of features) fields.push(new Field(`${name}__status`, STATUS, false));
  if (asked.eventTimes === true) for (const name of eventTimes.keys()) fields.push(new Field(name, INSTANT, true));
  requireDistinct(fields);
  return fields;
}

function requireDistinct(fields: readonly Field[]): void {
  const names = new Set<string>();
  for (const { name } of fields) {
    if (names.has(name)) throw twice(name);
    names.add(name);
  }
}

const twice = (name: string): PlumbError =>
  new PlumbError(
    'INVALID_REQUEST',
    `An Arrow answer would have two columns named ${quote(name)}: ask for each feature once, ask without statuses or event times, or take JSON`,
    { details: { column: name } },
  );
