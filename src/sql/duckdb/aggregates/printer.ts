// How an aggregate becomes SQL, in two stages: raw columns over the rows of a window, then the value. The raw stage has two
// forms: over a group of joined rows (windows/grouped.ts), and for heavy keys over sorted ones (windows/framed.ts).
import type { DataType } from '../../../../schemas/types.ts';
import type { Step } from '../../script.ts';

/** A column with its type. */
export interface Typed {
  /** `*` for rows, which only `count` counts. */
  readonly x: string;
  readonly type: DataType;
}

export interface AggregateInput extends Typed {
  /** Of the value. */
  readonly resultType: DataType;
  /** How many values a list keeps. */
  readonly n: number;
  /** Which percentile. */
  readonly percentile: number;
  /** How far neighbours of one session may lie apart. */
  readonly gapMicros: bigint;
}

export interface AggregatePrinter {
  grouped(rows: GroupedRows): readonly string[];
  readonly framed: FramedPrinter;
  /** From the names of the raw columns, which are the same in both forms. */
  value(raw: readonly string[], input: AggregateInput): string;
}

/** Rows that are joined to an instant and grouped. */
export interface GroupedRows extends AggregateInput {
  /** `sum(x)` → `sum(x) FILTER (WHERE …)`: over the rows in the window that meet the conditions. */
  inWindow(call: string, ...conditions: readonly string[]): string;
  /** The first instant behind the window. */
  readonly end: string;
  /** Over the rows in the widest window of the view. */
  inAnyWindow(call: string, ...conditions: readonly string[]): string;
  /** Whether all windows of the view end at the instant: what is last in the widest one is last in each that has any. */
  readonly endsTogether: boolean;
  /** A key by which rows with a value compare in row order. */
  order(): string;
}

/** What windows/framed.ts has to provide, and the raw columns from it. */
export interface FramedPrinter {
  /** Calls over the rows of the window, nulls included: `sum(x)`. Computed on the tape. */
  tape?(input: AggregateInput): readonly string[];
  /** Whether the values that are not null are numbered in row order: `c_<x>`. */
  readonly isNumbered?: boolean;
  /** A value that the rows tied in (ts, created) all carry, as the column <x>_<name>. */
  readonly ofTie?: { readonly name: string; readonly extreme: 'min' | 'max' };
  /** Tables of its own; those of one name are one. */
  steps?(feature: FramedFeature): readonly Step[];
  /** What is joined to the frames `f`, each text once. */
  readonly joins?: (feature: FramedFeature) => readonly string[];
  /** `tape`: the columns of `tape`, in its order. */
  raw(feature: FramedFeature, tape: readonly string[]): readonly string[];
}

/**
 * A feature beside the frames `f` of its instants: `f.r_<to>` rows and `f.c_<x>_<to>` values lie before the window's end,
 * `f.r_<from>` and `f.c_<x>_<from>` before its start.
 */
export interface FramedFeature extends AggregateInput {
  /** Prefix of the part's tables. */
  readonly p: string;
  /** Index of the feature. */
  readonly i: number;
  /** Id of the window. */
  readonly w: string;
  /** The edges of the window. */
  readonly from: string;
  readonly to: string;
  /** Orders rows by (ts, created, value). */
  readonly rowOrder: string;
}

type Calls = (input: AggregateInput) => readonly string[];

/** Aggregates that skip nulls by themselves: the same calls in both forms. */
export const plain = (calls: Calls): Pick<AggregatePrinter, 'grouped' | 'framed'> => ({
  grouped: (rows) => calls(rows).map((call) => rows.inWindow(call)),
  framed: { tape: calls, raw: (_, tape) => tape },
});

export const only = (raw: readonly string[]): string => raw[0] as string;
