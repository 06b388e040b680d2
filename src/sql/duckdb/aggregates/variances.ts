import { MOST_SQUARED } from '../../../aggregate/variances.ts';
import { finite } from '../../feature-columns.ts';
import { duckdbDialect } from '../dialect.ts';
import { type AggregatePrinter, only, plain } from './printer.ts';

const LIMIT = MOST_SQUARED.toExponential().replace('+', '');

/** `name`: DuckDB's own function. */
export const variance = (name: 'stddev_pop' | 'stddev_samp' | 'var_pop' | 'var_samp'): AggregatePrinter => ({
  ...plain(({ x }) => {
    const number = `CAST(${x} AS DOUBLE)`;
    return [`${name}(CASE WHEN abs(${number}) <= ${LIMIT} THEN ${number} END)`, `max(abs(${number}))`];
  }),
  value: (raw) => `CASE WHEN ${raw[1]} <= ${LIMIT} THEN ${finite(duckdbDialect, only(raw))} END`,
});
