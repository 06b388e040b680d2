import { type AggregatePrinter, only } from './printer.ts';

/** On the tape a window without rows has no entry. */
const counted = (tape: readonly string[]): readonly string[] => tape.map((sql) => `coalesce(${sql}, 0)`);

export const count: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`count(${rows.x})`)],
  // Rows are counted by the ranks of the window's edges.
  framed: {
    tape: ({ x }) => (x === '*' ? [] : [`count(${x})`]),
    raw: ({ x, from, to }, tape) => (x === '*' ? [`f.r_${to} - f.r_${from}`] : counted(tape)),
  },
  value: only,
};

export const countDistinct: AggregatePrinter = {
  grouped: (rows) => [rows.inWindow(`count(DISTINCT ${rows.x})`)],
  framed: { tape: ({ x }) => [`count(DISTINCT ${x})`], raw: (_, tape) => counted(tape) },
  value: only,
};
