// What competes: three ways to lay a row.
import type { RowSchema } from '../../src/online/row-codec.ts';
import { mixedRows } from './mixed-rows.ts';
import { packedRows } from './packed-rows.ts';
import type { RowFormat } from './row-format.ts';
import { textRows } from './text-rows.ts';

export const CONTENDERS: Readonly<Record<string, (schema: RowSchema) => RowFormat>> = {
  packed: packedRows,
  text: textRows,
  mixed: mixedRows,
};
