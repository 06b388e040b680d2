// Where one value of a lookup comes from: `"explain": true` over HTTP, and `plumb get --explain --json`.
import type { Status } from '../types.ts';
import type { WireValue } from './values.ts';

/** `Value`: how the reader of the JSON has values. */
export interface Explanation<Value = WireValue> {
  /** The output name. */
  readonly name: string;
  readonly view: string;
  readonly feature: string;
  /** As the lookup returned it. */
  readonly value: Value;
  readonly status: Status;
  /** What the naive rules make of the key's rows, as far as the run had them to read. */
  readonly recomputed: { readonly value: Value; readonly status: Status };
  readonly equal: boolean;
  /** Where they differ, what may be why; where rows came since the run, how many. */
  readonly notes: readonly string[];
  /** e of the run that serves it, in a scheduled view a boundary; in a continuous aggregate view the instant of the lookup. */
  readonly effectiveTime: string;
  readonly scheduled: boolean;
  readonly window: ExplainedWindow;
  /** Of a row view the visible ones, of which the first gives the value; of an aggregate those that it counts. Newest first. */
  readonly rows: readonly ExplainedRow<Value>[];
  /** `rows` holds the first 100 of them. */
  readonly rowsTotal: number;
  /** Rows that a run at the lookup's instant would see, and the run that serves did not. */
  readonly rowsLater: number;
  readonly run: ExplainedRun;
  readonly defaultApplied: boolean;
}

export interface ExplainedWindow {
  /** null: unbounded. */
  readonly from: string | null;
  readonly to: string;
  readonly includesTo: boolean;
  /** Of a row view: rows stamped before it are too old at the lookup's instant. null: there is no ttl. */
  readonly oldest: string | null;
}

export interface ExplainedRow<Value = WireValue> {
  /**
   * As the project names it: below its folder, or s3://bucket/key. Of a source with an absolute path only what lies below the
   * last folder that the path names.
   */
  readonly file: string;
  readonly eventTime: string;
  readonly createdTime: string | null;
  /** Those that the view reads. */
  readonly columns: Readonly<Record<string, Value>>;
}

export interface ExplainedRun {
  /** As `GET /v1/runs/{id}` takes it. */
  readonly id: string;
  readonly generation: string;
  readonly watermark: string;
}
