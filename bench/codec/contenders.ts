// What competes: three ways to lay a row, and what each has to do.
import type { Value } from '../../schemas/types.ts';
import type { RowSchema } from '../../src/online/row-codec.ts';
import { mixedRows } from './mixed-rows.ts';
import { packedRows } from './packed-rows.ts';
import { textRows } from './text-rows.ts';

export interface RowFormat {
  /** Row `index` of columns in schema order; an event time is known, a created time is not. */
  encode(columns: readonly (readonly Value[])[], index: number): Uint8Array;
  /** The JSON of `[[…],…]` with the picked features of each row. */
  answer(rows: readonly Uint8Array[], picked: readonly number[]): Uint8Array;
  /** One feature of all rows, typed. */
  values(rows: readonly Uint8Array[], feature: number): readonly Value[];
}

export const CONTENDERS: Readonly<Record<string, (schema: RowSchema) => RowFormat>> = {
  packed: packedRows,
  text: textRows,
  mixed: mixedRows,
};
