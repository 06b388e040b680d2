import { finite } from '../../feature-columns.ts';
import { duckdbDialect } from '../dialect.ts';
import { type AggregatePrinter, only, plain } from './printer.ts';

/** Squares of greater numbers can overflow float64; a variance over such a window is null. */
const LIMIT = '1e150';

/** `name`: DuckDB's own function. */
export const variance = (name: 'stddev_pop' | 'stddev_samp' | 'var_pop' | 'var_samp'): AggregatePrinter => ({
  ...plain(({ x }) => {
    const number = `CAST(${x} AS DOUBLE)`;
    return [`${name}(CASE WHEN abs(${number}) <= ${LIMIT} THEN ${number} END)`, `max(abs(${number}))`];
  }),
  value: (raw) => `CASE WHEN ${raw[1]} <= ${LIMIT} THEN ${finite(duckdbDialect, only(raw))} END`,
});
