// What is told of one value, as `plumb get --explain` prints it.
import type { Status } from '../../../schemas/types.ts';
import type { Json } from '../../lossless-json.ts';

export interface Explanation {
  /** The output name. */
  readonly name: string;
  readonly view: string;
  readonly feature: string;
  /** As the lookup returned it. */
  readonly value: Json;
  readonly status: string;
  /** What the naive rules make of the key's rows, as far as the run had them to read. */
  readonly recomputed: { readonly value: Json; readonly status: Status };
  readonly equal: boolean;
  /** Where they differ, what may be why; where rows came since the run, how many. */
  readonly notes: readonly string[];
  /** e of the run that serves it; in a scheduled view a boundary. */
  readonly effectiveTime: string;
  readonly scheduled: boolean;
  readonly window: WindowTold;
  /** Of a row view the visible ones, of which the first gives the value; of an aggregate those that it counts. Newest first. */
  readonly rows: readonly RowTold[];
  /** `rows` holds the first 100 of them. */
  readonly rowsTotal: number;
  /** Rows that a run at the lookup's instant would see, and the run that serves did not. */
  readonly rowsLater: number;
  readonly run: RunTold;
  readonly defaultApplied: boolean;
}

export interface WindowTold {
  /** null: unbounded. */
  readonly from: string | null;
  readonly to: string;
  readonly includesTo: boolean;
  /** Of a row view: rows stamped before it are too old at the lookup's instant. null: there is no ttl. */
  readonly oldest: string | null;
}

export interface RowTold {
  readonly file: string;
  readonly eventTime: string;
  readonly createdTime: string | null;
  readonly columns: Readonly<Record<string, Json>>;
}

export interface RunTold {
  /** As `plumb run show` takes it. */
  readonly id: string;
  readonly generation: string;
  readonly watermark: string;
}
