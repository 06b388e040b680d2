// The tables of erased keys, as steps.
import type { RowsNode } from '../../plan/nodes.ts';
import { erasedTables } from '../erased-rows.ts';
import type { Step } from '../script.ts';
import { duckdbDialect } from './dialect.ts';
import { table } from './steps.ts';

export const erasedSteps = (rows: readonly RowsNode[]): readonly Step[] =>
  rows
    .flatMap((one) => erasedTables(duckdbDialect, one))
    .map(({ name, select }) => ({
      ...table(name, 'erased keys, whose earlier rows do not count', select),
      isPrivate: true,
    }));
