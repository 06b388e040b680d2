// How an aggregate is computed piece by piece, by whoever has rows: the batch engine per hop, a stream per event, a lookup
// over what is stored. A family is the state that is kept, which several aggregates may share (sum and mean do); an algebra
// is a family with the formula that makes the value.
//
//   add      one row to a state               merge    one state to another: any split of the rows, in any order
//   write    a state as bytes                 read     bytes to a state, which is a merge
//   finalize the value over a window          docs/specs/partials.md has the bytes
import type { DataType, Value } from '../../schemas/types.ts';
import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';

/** Where a row of a stream lies. Rows of batch sources, and of a stream's history, have none. */
export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

/** A row that counts, without its inputs. */
export interface AggregateRow {
  readonly eventMicros: bigint;
  readonly createdMicros: bigint | null;
  readonly position: Position | null;
  /** What a map's entries are keyed by; null where nothing asks for it. */
  readonly by: string | null;
}

/** `[start, end)`; null: since ever. */
export interface WindowAt {
  readonly startMicros: bigint | null;
  readonly endMicros: bigint;
}

/** In place of a value: an int64 that overflows, or a row that failed. */
export const INVALID = Symbol('INVALID');
export type Outcome = Value | typeof INVALID;

export type FamilyKind =
  | 'count'
  | 'total'
  | 'moments'
  | 'min'
  | 'max'
  | 'first'
  | 'last'
  | 'newest'
  | 'distinct'
  | 'hyperloglog'
  | 'quantiles'
  | 'sessions'
  | 'first_row'
  | 'last_row';

export interface Family<S> {
  /** Features over the same rows and input whose families are of one kind share a state, sessions those of one gap. */
  readonly kind: FamilyKind;
  /**
   * tile: the rows of a state are in the window or none is, so a state is kept for each hop. head: the window ends where the
   * newest rows are, so one state serves every window, and `finalize` leaves out what came before it.
   */
  readonly scope: 'tile' | 'head';
  create(): S;
  isEmpty(state: S): boolean;
  /** `value` is not null; of a count of rows it is true. */
  add(state: S, value: Value, row: AggregateRow): void;
  /** Whether rows before the instant change nothing any more: a reader that has the newest rows first may stop. Absent: never. */
  isSettled?(state: S, eventMicros: bigint): boolean;
  /** `other` stays as it is and shares nothing with `state` that can change. */
  merge(state: S, other: S): void;
  /** States of the same rows have the same bytes, float totals aside. */
  write(state: S, out: ByteWriter): void;
  /** Merges what was written. STORAGE_CORRUPT for other bytes. */
  read(state: S, bytes: ByteReader): void;
  /** Merges what an engine computed of some rows, as the columns that docs/specs/partials.md names; null where it has none. */
  load(state: S, columns: readonly Value[]): void;
  /** Of scope head: leaves out what is before the start of all windows to come. A tile is left out as a whole. */
  trim(state: S, startMicros: bigint): void;
}

export interface Algebra<S> {
  readonly family: Family<S>;
  /** Whether a row of the window is in the state. */
  holds(state: S, window: WindowAt): boolean;
  finalize(state: S, window: WindowAt): Outcome;
}

/** What an aggregate's algebra depends on. */
export interface AlgebraInput {
  /** Of the input; int64 where rows are counted. */
  readonly type: DataType;
  /** For last_n. */
  readonly n: number | null;
  /** For approx_percentile. */
  readonly p: number | null;
  /** For sessions. */
  readonly gapMicros?: bigint;
  /** The grid of window starts; null: they may lie anywhere. */
  readonly hopMicros: bigint | null;
}

/** Of a family whose states hold rows of the window only. */
export const tiled = <S>(family: Family<S>, finalize: (state: S, window: WindowAt) => Outcome): Algebra<S> => ({
  family,
  holds: (state) => !family.isEmpty(state),
  finalize,
});

/** Non-finite numbers are null, -0 is 0. */
export const finite = (number: number): number | null => (Number.isFinite(number) ? number + 0 : null);

export const int64OrInvalid = (value: bigint): Outcome => (BigInt.asIntN(64, value) === value ? value : INVALID);

/** For families whose states are tiles. */
export const keepAll = (): void => {};

/** A list in a column of an engine. */
export const listOf = (column: Value | undefined): readonly Value[] => (column ?? []) as readonly Value[];
