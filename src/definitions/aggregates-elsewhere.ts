// Aggregates by the names that SQL and DataFrames give them → ours, where no misspelling leads there.
import type { Aggregate } from '../../schemas/types.ts';
import type { ContractMistake } from '../contract-mistakes.ts';

/** As mistakes quote them. */
const ELSEWHERE: ReadonlyMap<string, Aggregate> = new Map([
  ['"avg"', 'mean'],
  ['"average"', 'mean'],
  ['"std"', 'stddev_samp'],
  ['"stddev"', 'stddev_samp'],
  ['"var"', 'var_samp'],
  ['"variance"', 'var_samp'],
  ['"nunique"', 'count_distinct'],
  ['"median"', 'approx_percentile'],
  ['"quantile"', 'approx_percentile'],
  ['"collect_list"', 'last_n'],
]);

export const withOurAggregate = (mistake: ContractMistake): ContractMistake =>
  mistake.path.at(-1) === 'aggregate'
    ? { ...mistake, nearest: ELSEWHERE.get(mistake.found.toLowerCase()) ?? mistake.nearest }
    : mistake;
