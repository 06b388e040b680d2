// The tape of heavy keys: the rows at positions 1…n, then one entry per instant and window. A window [s, e) is the frame of
// the rows at positions r(s)+1 … r(e), given relative to the entry's own position p:
//
//        rows  1 2 3 4 5 … n | entries … p …
//                ├─────┤       frame of p: ROWS BETWEEN p-r(s)-1 PRECEDING AND p-r(e) PRECEDING
//
// Rows themselves get an empty frame. The engine evaluates frames by segment trees and merge-sort trees (Leis et al. 2015,
// "Efficient Processing of Window Functions in Analytical SQL Queries"; Vogelsgesang et al. 2022, "Efficient Evaluation of
// Arbitrarily-Framed Holistic SQL Aggregates and Window Functions"), built once for all windows.
import { PlumbError } from '../../../../schemas/errors.ts';
import type { PlannedAggregate, WindowsNode } from '../../../plan/nodes.ts';
import { failureColumn } from '../../feature-columns.ts';
import type { Step } from '../../script.ts';
import { commas } from '../../script.ts';
import { AGGREGATE_PRINTERS, inputOf } from '../aggregates/printers.ts';
import { table } from '../steps.ts';
import { edgesOf } from './edges.ts';

/** How many rows of a frame failed. */
export const failuresCall = (flag: string): string => `count(CASE WHEN ${flag} THEN 1 END)`;

export class Tape {
  readonly #node: WindowsNode;
  readonly #p: string;
  /** Call over a frame → its column, each once for all windows. */
  readonly #columns: ReadonlyMap<string, string>;
  readonly #windows: readonly string[];
  /** Columns of rows that the calls read. */
  readonly #inputs: readonly string[];

  constructor(node: WindowsNode, p: string) {
    const callsOf = (feature: PlannedAggregate): readonly string[] =>
      AGGREGATE_PRINTERS[feature.aggregate].framed.tape?.(inputOf(node, feature)) ?? [];
    const failureOf = (feature: PlannedAggregate): readonly string[] =>
      [failureColumn(node.rows, feature)].filter((flag) => flag !== null);
    const computed = node.features.filter((feature) => callsOf(feature).length > 0);
    const failures = unique(node.features.flatMap(failureOf));
    const calls = unique([...computed.flatMap(callsOf), ...failures.map(failuresCall)]);
    this.#node = node;
    this.#p = p;
    this.#columns = new Map(calls.map((call, i) => [call, `b${i}`]));
    this.#inputs = unique([...computed.map(({ input }) => String(input)), ...failures]);
    this.#windows = unique(
      node.features
        .filter((feature) => computed.includes(feature) || failureOf(feature).length > 0)
        .map(({ window }) => window),
    );
  }

  steps(): readonly Step[] {
    return this.#columns.size === 0 ? [] : [this.#entries(), this.#values()];
  }

  /** To the frames `f`. */
  joins(): readonly string[] {
    return this.#windows.map(
      (id) => `LEFT JOIN ${this.#p}_tape_values ${id} ON ${id}.qid = f.qid AND ${id}.w = '${id}'`,
    );
  }

  /** A call over the frame of a window, where the tape is joined; null for a window without rows. */
  column(window: string, call: string): string {
    const name = this.#columns.get(call);
    if (name === undefined) throw new PlumbError('INTERNAL', `the tape lacks ${call}`);
    return `${window}.${name}`;
  }

  #entries(): Step {
    const p = this.#p;
    const entries = this.#windows.map((id) => {
      const { from, to } = edgesOf(this.#node, id);
      return `SELECT qid, '${id}' AS w, kid, r_${from} AS r_from, r_${to} AS r_to FROM ${p}_frames WHERE r_${from} < r_${to}`;
    });
    const placed = `SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (\n${entries.join('\nUNION ALL\n')}\n) JOIN (SELECT kid, max(r) AS n FROM ${p}_ranked GROUP BY kid) USING (kid)`;
    return table(
      `${p}_tape`,
      'rows by position, then an entry for each instant and window with its frame',
      `SELECT ${commas(['kid', 'r AS pos', '0 AS o_s', '1 AS o_e', ...this.#inputs])} FROM ${p}_ranked WHERE is_row = 1\nUNION ALL BY NAME\nSELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (${placed})`,
    );
  }

  /** Without a condition: aggregates skip nulls by themselves, and FILTER is slow in frames. */
  #values(): Step {
    const p = this.#p;
    const columns = [...this.#columns].map(([call, name]) => `${call} OVER frame AS ${name}`);
    return table(
      `${p}_tape_values`,
      `aggregates over the frames of ${this.#windows.length} windows`,
      `SELECT * FROM (\nSELECT ${commas(['qid', 'w', ...columns])}\nFROM ${p}_tape\nWINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)\n) WHERE qid IS NOT NULL`,
    );
  }
}

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];
