// HyperLogLog in DuckDB's SQL, bit for bit that of src/aggregate/hyperloglog.ts. Of grouped rows a
// list of entries is sorted and thinned to the greatest rank of each index.
import { MOST_RANK, REGISTERS, SCALE, SIGMA_STEPS } from '../../../aggregate/hyperloglog.ts';
import { entryOf } from './hyperloglog-entry.ts';
import { framedSketch } from './hyperloglog-frames.ts';
import { double, letIn } from './let.ts';
import type { AggregatePrinter } from './printer.ts';

/** Entries in order, the last of each index: a list of INTEGER. */
export const thinned = (entries: string): string =>
  letIn(
    `list_sort(list_filter(${entries}, lambda entry: entry IS NOT NULL))`,
    'sorted',
    'list_transform(list_filter(list_zip(sorted, sorted[2:]), lambda pair: pair[2] IS NULL OR pair[1] >> 6 <> pair[2] >> 6), lambda pair: pair[1])',
  );

/** x + sum of x^(2^k) 2^(k-1), in the order of k. */
function sigma(share: string): string {
  const first = `{'power': ${share}, 'weight': 1e0, 'total': ${share}}`;
  const next = `{'power': state.power * state.power, 'weight': state.weight + state.weight, 'total': state.total + state.power * state.power * state.weight}`;
  return `list_reduce(list_transform(range(${SIGMA_STEPS + 1}), lambda step: ${first}), lambda state, step: ${next}).total`;
}

/** From the number of indexes that have a rank, and the sum of 2^-rank over them, as multiples of 2^-51. */
function estimate(known: string, scaled: string): string {
  const upper = `CAST(${scaled} >> 40 AS DOUBLE) * ${double(2 ** -11)}`;
  const lower = `CAST(${scaled} & ${2 ** 40 - 1} AS DOUBLE) * ${double(2 ** -51)}`;
  const share = `CAST(${REGISTERS} - ${known} AS DOUBLE) / ${REGISTERS}e0`;
  const z = `${REGISTERS}e0 * ${letIn(share, 'share', sigma('share'))} + (${upper} + ${lower})`;
  return `CASE WHEN ${known} > 0 THEN CAST(floor(${double(SCALE)} / (${z}) + 0.5e0) AS BIGINT) ELSE 0 END`;
}

export const approxCountDistinct: AggregatePrinter = {
  grouped: (rows) => {
    const entries = thinned(rows.inWindow(`list(DISTINCT ${entryOf(rows)})`, `${rows.x} IS NOT NULL`));
    const scaled = `lambda entry: CAST(1 AS HUGEINT) << (${MOST_RANK} - (entry & 63))`;
    return [`len(${entries})`, `list_sum(list_transform(${entries}, ${scaled}))`];
  },
  framed: framedSketch,
  value: ([known, scaled]) => estimate(String(known), String(scaled)),
};
