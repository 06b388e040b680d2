// What a contender has to do.
import type { Value } from '../../schemas/types.ts';

export interface RowFormat {
  /** Row `index` of columns in schema order; an event time is known, a created time is not. */
  encode(columns: readonly (readonly Value[])[], index: number): Uint8Array;
  /** The JSON of `[[…],…]` with the picked features of each row. */
  answer(rows: readonly Uint8Array[], picked: readonly number[]): Uint8Array;
  /** One feature of all rows, typed. */
  values(rows: readonly Uint8Array[], feature: number): readonly Value[];
}
