// Rows of one view on their way into the online store: columns, as an engine hands them over.
import type { Value } from '../../schemas/types.ts';

export interface RowBatch {
  readonly rowCount: number;
  /** One column per join key, in the view's order; never null. */
  readonly keys: readonly (readonly Value[])[];
  /** Microseconds since 1970 UTC, per row. */
  readonly eventMicros: readonly (bigint | null)[];
  readonly createdMicros: readonly (bigint | null)[];
  /** One column per feature, in the generation's order. */
  readonly values: readonly (readonly Value[])[];
  /** Per feature: the rows whose value could not be computed (their value is null); null where there are none. */
  readonly invalid: readonly (readonly boolean[] | null)[];
  /** Rows that delete their keys; absent where rows cannot. */
  readonly deleted?: readonly boolean[];
  /** Bytes of entries, in place of values; absent where the records are rows. */
  readonly entries?: readonly Uint8Array[];
  /** Rows that are gone; null where there are none. Their values are not read. */
  readonly tombstone: readonly boolean[] | null;
}
