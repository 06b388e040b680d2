// first, last, last_n. For heavy keys they are rows with a known number among the values that are not null.
import { duckdbDialect } from '../dialect.ts';
import { listByRank } from '../ordered-list.ts';
import { table } from '../steps.ts';
import { type AggregatePrinter, type FramedFeature, only } from './printer.ts';

/** The row whose value that is not null has this number. */
const numberedRow = ({ p, x }: FramedFeature, alias: string, number: string): string =>
  `LEFT JOIN ${p}_ranked ${alias} ON ${alias}.kid = f.kid AND ${alias}.c_${x} = ${number} AND ${alias}.is_row = 1 AND ${alias}.${x} IS NOT NULL`;

export const first: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`arg_min(${rows.x}, ${rows.order()})`, `${rows.x} IS NOT NULL`)],
  framed: {
    isNumbered: true,
    ofTie: { name: 'first', extreme: 'min' },
    joins: (feature) => {
      const { i, x, from, to } = feature;
      return [`${numberedRow(feature, `first_${i}`, `f.c_${x}_${from} + 1`)} AND f.c_${x}_${to} > f.c_${x}_${from}`];
    },
    raw: ({ i, x }) => [`first_${i}.${x}_first`],
  },
  value: only,
};

export const last: AggregatePrinter = {
  grouped: (rows) => [
    rows[rows.endsTogether ? 'inAnyWindow' : 'inWindow'](
      `arg_max(${rows.x}, ${rows.order()})`,
      `${rows.x} IS NOT NULL`,
    ),
    rows.inWindow(`count(${rows.x})`),
  ],
  framed: {
    isNumbered: true,
    ofTie: { name: 'last', extreme: 'max' },
    joins: (feature) => [numberedRow(feature, lastAlias(feature), `f.c_${feature.x}_${feature.to}`)],
    raw: (feature) => {
      const { x, from, to } = feature;
      return [`${lastAlias(feature)}.${x}_last`, `f.c_${x}_${to} - f.c_${x}_${from}`];
    },
  },
  value: (raw) => `CASE WHEN ${raw[1]} > 0 THEN ${only(raw)} END`,
};

/** One for all windows that end together. */
const lastAlias = ({ x, to }: FramedFeature): string => `last_${x}_${to}`;

export const lastN: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`arg_max(${rows.x}, ${rows.order()}, ${rows.n})`, `${rows.x} IS NOT NULL`)],
  framed: {
    isNumbered: true,
    steps: ({ p, i, x, from, to, n, rowOrder }) => [
      table(
        `${p}_items_${x}`,
        'non-null values, numbered in row order',
        `SELECT kid, ${x} AS x, row_number() OVER (PARTITION BY kid ORDER BY ${rowOrder}) AS c FROM ${p}_ranked WHERE is_row = 1 AND ${x} IS NOT NULL`,
      ),
      table(
        `${p}_list_${i}`,
        `the last ${n} values of each instant`,
        `SELECT qid, ${listByRank('x', '-c')} AS a FROM (\nSELECT qid, kid, unnest(range(greatest(c_${x}_${from}, c_${x}_${to} - ${n}) + 1, c_${x}_${to} + 1)) AS c FROM ${p}_frames\n) JOIN ${p}_items_${x} USING (kid, c) GROUP BY qid`,
      ),
    ],
    joins: ({ p, i }) => [`LEFT JOIN ${p}_list_${i} list_${i} ON list_${i}.qid = f.qid`],
    raw: ({ i }) => [`list_${i}.a`],
  },
  value: (raw, { resultType }) => `coalesce(${only(raw)}, ${duckdbDialect.literal([], resultType)})`,
};
