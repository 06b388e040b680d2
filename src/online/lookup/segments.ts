// The answer's row, cut where its text cannot be copied in one piece: a segment is a run of columns that lie side by side
// in the packed row of one view, read in one role. All features of a view, asked for in order, are one segment.
//
//   answer   [ profile__country,profile__age , clicks__spend , clicks__count ]
//   rows       └── profile: 0 to 1 ────────┘   └clicks: 1┘     └clicks: 0┘
import type { DataType, Value } from '../../../schemas/types.ts';
import type { FeatureView } from '../../catalog/catalog.ts';
import { type Int64Form, int64Quotes, type QuoteInt64s, valueText } from '../value-json.ts';
import { featurePosition, type LiveView } from './live-view.ts';
import type { ResolvedRequest } from './resolve-request.ts';
import type { RowStatus } from './row-status.ts';

export interface Segment {
  /** Where its row is: key space, role in it, view in it. */
  readonly space: number;
  readonly role: number;
  readonly view: number;
  /** The live generation lacks its features: null with status NOT_MATERIALIZED, whatever the row says. */
  readonly isMissing: boolean;
  /** Features in the packed row, the last one included; of missing ones only how many there are. */
  readonly first: number;
  readonly last: number;
  /** Of a column with int64 in it, alone in its segment, that are to be written as text: what puts quotes around them. */
  readonly quotes: QuoteInt64s | null;
  /** What stands where the row as a whole does not count. */
  readonly values: Readonly<Record<RowStatus, readonly Value[]>>;
  /** The same, written. */
  readonly texts: Readonly<Record<RowStatus, Uint8Array>>;
  /** The statuses of the segment where all are alike. */
  readonly statuses: Readonly<Record<RowStatus | 'PRESENT', Uint8Array>>;
}

/** A column of the answer and where it comes from. */
interface Source extends Pick<Segment, 'space' | 'role' | 'view' | 'quotes' | 'isMissing'> {
  readonly output: number;
  readonly position: number;
  readonly type: DataType;
  readonly default: Value;
  readonly emptyValue: Value;
}

export function segmentsOf(
  resolved: ResolvedRequest,
  live: ReadonlyMap<FeatureView, LiveView>,
  int64: Int64Form,
): Segment[] {
  const runs: Source[][] = [];
  for (const source of sourcesOf(resolved, live, int64)) {
    const run = runs.at(-1);
    if (run !== undefined && follows(source, run.at(-1) as Source)) run.push(source);
    else runs.push([source]);
  }
  return runs.map(segmentOf);
}

function sourcesOf(
  { keySpaces }: ResolvedRequest,
  live: ReadonlyMap<FeatureView, LiveView>,
  int64: Int64Form,
): Source[] {
  const sources = keySpaces.flatMap(({ roles, views }, space) =>
    roles.flatMap(({ columns }, role) =>
      columns.map(({ output, view, feature }): Source => {
        const ofView = live.get(view) as LiveView;
        const position = featurePosition(view, ofView, feature);
        const place = { space, role, view: views.indexOf(view), output };
        if (position === null) return { ...place, ...MISSING };
        const stored = ofView.generation.features[position] as LiveView['generation']['features'][number];
        return {
          ...place,
          isMissing: false,
          position,
          type: stored.type,
          quotes: int64 === 'string' ? int64Quotes(stored.type) : null,
          default: stored.default,
          emptyValue: stored.emptyValue ?? stored.default,
        };
      }),
    ),
  );
  return sources.toSorted((a, b) => a.output - b.output);
}

/** No text is made of its type: it is null. */
const MISSING = {
  isMissing: true,
  quotes: null,
  position: 0,
  type: 'bool',
  default: null,
  emptyValue: null,
} as const;

const follows = (next: Source, last: Source): boolean =>
  next.space === last.space &&
  next.role === last.role &&
  next.view === last.view &&
  next.isMissing === last.isMissing &&
  (next.isMissing || next.position === last.position + 1) &&
  next.quotes === null &&
  last.quotes === null;

function segmentOf(run: readonly Source[]): Segment {
  const { space, role, view, position: first, quotes, isMissing } = run[0] as Source;
  const nulls = repeated('null', run.length);
  const noValues: readonly null[] = run.map(() => null);
  const textOf = (value: (source: Source) => Value): Uint8Array => {
    const texts = run.map((source) => Buffer.from(valueText(source.type, value(source))).toString());
    return Buffer.from((quotes === null ? texts : texts.map(quotes)).join(','));
  };
  return {
    space,
    role,
    view,
    isMissing,
    first,
    last: first + run.length - 1,
    quotes,
    // A default replaces null, except where the value is not known.
    values: {
      UNAVAILABLE: noValues,
      NOT_MATERIALIZED: noValues,
      TOO_EARLY: noValues,
      NOT_FOUND: run.map(({ emptyValue }) => emptyValue),
      OUTSIDE_MAX_AGE: run.map((source) => source.default),
    },
    texts: {
      UNAVAILABLE: nulls,
      NOT_MATERIALIZED: nulls,
      TOO_EARLY: nulls,
      NOT_FOUND: textOf(({ emptyValue }) => emptyValue),
      OUTSIDE_MAX_AGE: textOf((source) => source.default),
    },
    statuses: {
      UNAVAILABLE: repeated('"UNAVAILABLE"', run.length),
      NOT_MATERIALIZED: repeated('"NOT_MATERIALIZED"', run.length),
      TOO_EARLY: repeated('"TOO_EARLY"', run.length),
      NOT_FOUND: repeated('"NOT_FOUND"', run.length),
      OUTSIDE_MAX_AGE: repeated('"OUTSIDE_MAX_AGE"', run.length),
      PRESENT: repeated('"PRESENT"', run.length),
    },
  };
}

const repeated = (text: string, count: number): Uint8Array => Buffer.from(new Array(count).fill(text).join(','));
