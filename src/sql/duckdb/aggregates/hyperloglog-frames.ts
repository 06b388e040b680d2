// HyperLogLog over frames of sorted rows. Lists of what a frame holds would not fit memory, so the sum of 2^-rank is made of a
// sum over distinct pairs. With N(k) the number of indexes whose greatest rank in the frame is at least k:
//
//   sum of 2^(51 - rank)  =  N(1) × 2^50  -  sum over k > 1 of N(k) × 2^(51 - k)
//
// and N(k) counts the distinct (index, k) over rows of rank k and more. So each value is laid out as one entry for every k up
// to its rank, two on average, and a frame sums distinct numbers of three parts, none of which reaches the next:
//
//   bits 105 …      1 for k = 1, so N(1)
//   bits 40 … 104   2^(51 - k) for k > 1
//   bits 0 … 39     index * 64 + k, which makes the number distinct
import { MOST_RANK } from '../../../aggregate/hyperloglog.ts';
import { commas } from '../../script.ts';
import { table } from '../steps.ts';
import { entryOf } from './hyperloglog-entry.ts';
import type { FramedFeature, FramedPrinter } from './printer.ts';

const KNOWN_BITS = 105;
const WEIGHT_BITS = 40;

const pairNumber = (index: string, k: string): string =>
  `CAST(${index} * 64 + ${k} AS HUGEINT) + CASE WHEN ${k} = 1 THEN CAST(1 AS HUGEINT) << ${KNOWN_BITS} ELSE CAST(1 AS HUGEINT) << (${WEIGHT_BITS + MOST_RANK} - ${k}) END`;

/** Values by their number among those that are not null. */
const ranksStep = ({ p, x, type }: FramedFeature) =>
  table(
    `${p}_ranks_${x}`,
    'index and rank of each value, and how many entries there are up to it',
    `SELECT *, CAST(sum(rank) OVER (PARTITION BY kid ORDER BY c) AS BIGINT) AS upto FROM (\nSELECT kid, c, entry >> 6 AS index, entry & 63 AS rank FROM (SELECT kid, c_${x} AS c, ${entryOf({ x, type })} AS entry FROM ${p}_ranked WHERE is_row = 1 AND ${x} IS NOT NULL)\n)`,
  );

function spans({ p, x, from, to }: FramedFeature): string {
  const edge = (name: string, at: string): string =>
    `LEFT JOIN ${p}_ranks_${x} ${name} ON ${name}.kid = f.kid AND ${name}.c = f.c_${x}_${at}`;
  const columns = ['f.qid', 'f.kid', 'coalesce(low.upto, 0) AS low', 'high.upto AS high'];
  return `SELECT ${commas(columns)} FROM ${p}_frames f ${edge('low', from)} ${edge('high', to)} WHERE f.c_${x}_${from} < f.c_${x}_${to}`;
}

/** As in windows/tape.ts: entries by position, then each span with its frame. */
function sketchStep(feature: FramedFeature) {
  const { p, i, x } = feature;
  const entries = `SELECT kid, upto - rank + k AS pos, ${pairNumber('index', 'k')} AS pair, 0 AS o_s, 1 AS o_e FROM (SELECT *, unnest(range(1, rank + 1)) AS k FROM ${p}_ranks_${x})`;
  const placed = `SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (\n${spans(feature)}\n) JOIN (SELECT kid, max(upto) AS n FROM ${p}_ranks_${x} GROUP BY kid) USING (kid)`;
  const tape = `${entries}\nUNION ALL BY NAME\nSELECT qid, kid, pos, pos - low - 1 AS o_s, pos - high AS o_e FROM (\n${placed}\n)`;
  const sums = `SELECT qid, sum(DISTINCT pair) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS total FROM (\n${tape}\n)`;
  const known = `(total >> ${KNOWN_BITS})`;
  const scaled = `(${known} << ${MOST_RANK - 1}) - ((total >> ${WEIGHT_BITS}) & ${2n ** BigInt(KNOWN_BITS - WEIGHT_BITS) - 1n})`;
  return table(
    `${p}_sketch_${i}`,
    'what the sketch of each instant is estimated from',
    `SELECT qid, CAST(${known} AS BIGINT) AS known, ${scaled} AS scaled FROM (\n${sums}\n) WHERE qid IS NOT NULL`,
  );
}

export const framedSketch: FramedPrinter = {
  isNumbered: true,
  steps: (feature) => [ranksStep(feature), sketchStep(feature)],
  joins: ({ p, i }) => [`LEFT JOIN ${p}_sketch_${i} sketch_${i} ON sketch_${i}.qid = f.qid`],
  raw: ({ i }) => [`sketch_${i}.known`, `sketch_${i}.scaled`],
};
