// first, last, last_n. For heavy keys they are rows with a known number among the values that are not null.
import { duckdbDialect } from '../dialect.ts';
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
      const { i, x, w } = feature;
      return [`${numberedRow(feature, `first_${i}`, `f.c_${x}_${w} + 1`)} AND f.c_${x}_e > f.c_${x}_${w}`];
    },
    raw: ({ i, x }) => [`first_${i}.${x}_first`],
  },
  value: only,
};

/** Windows end together, so the last value of the widest one is the last of each that has any. */
export const last: AggregatePrinter = {
  grouped: (rows) => [
    rows.inAnyWindow(`arg_max(${rows.x}, ${rows.order()})`, `${rows.x} IS NOT NULL`),
    rows.inWindow(`count(${rows.x})`),
  ],
  framed: {
    isNumbered: true,
    ofTie: { name: 'last', extreme: 'max' },
    joins: (feature) => [numberedRow(feature, `last_${feature.x}`, `f.c_${feature.x}_e`)],
    raw: ({ x, w }) => [`last_${x}.${x}_last`, `f.c_${x}_e - f.c_${x}_${w}`],
  },
  value: (raw) => `CASE WHEN ${raw[1]} > 0 THEN ${only(raw)} END`,
};

export const lastN: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`arg_max(${rows.x}, ${rows.order()}, ${rows.n})`, `${rows.x} IS NOT NULL`)],
  framed: {
    isNumbered: true,
    steps: ({ p, i, x, w, n, rowOrder }) => [
      table(
        `${p}_items_${x}`,
        'non-null values, numbered in row order',
        `SELECT kid, ${x} AS x, row_number() OVER (PARTITION BY kid ORDER BY ${rowOrder}) AS c FROM ${p}_ranked WHERE is_row = 1 AND ${x} IS NOT NULL`,
      ),
      table(
        `${p}_list_${i}`,
        `the last ${n} values of each instant`,
        `SELECT qid, list(x ORDER BY c DESC) AS a FROM (\nSELECT qid, kid, unnest(range(greatest(c_${x}_${w}, c_${x}_e - ${n}) + 1, c_${x}_e + 1)) AS c FROM ${p}_frames\n) JOIN ${p}_items_${x} USING (kid, c) GROUP BY qid`,
      ),
    ],
    joins: ({ p, i }) => [`LEFT JOIN ${p}_list_${i} list_${i} ON list_${i}.qid = f.qid`],
    raw: ({ i }) => [`list_${i}.a`],
  },
  value: (raw, { resultType }) => `coalesce(${only(raw)}, ${duckdbDialect.literal([], resultType)})`,
};
