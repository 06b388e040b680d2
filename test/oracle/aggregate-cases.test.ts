// One case for each aggregate, worked out by hand: the oracle says it, and so does the engine, by either of its strategies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { STRATEGIES } from '../property/plumb-training.ts';
import { type ByEngine, NO_SPARK, testInEngines } from '../support/engines.ts';
import { aggregate, type Input, ORACLE, type SessionSpan } from './aggregates.ts';
import type { Value } from './values.ts';

/** Of one key, oldest first; the last two are tied. */
const VALUES: readonly (bigint | null)[] = [5n, null, 2n, 5n, 12n, 8n];
const MINUTES = [0, 1, 2, 3, 4, 4];

/** Over VALUES, and over no row. */
const CASES: Readonly<Record<keyof typeof ORACLE, readonly [value: Value, empty: Value]>> = {
  count: [5n, 0n],
  sum: [32n, null],
  mean: [6.4, null],
  var_pop: [11.44, null],
  var_samp: [14.3, null],
  stddev_pop: [Math.sqrt(11.44), null],
  stddev_samp: [Math.sqrt(14.3), null],
  min: [2n, null],
  max: [12n, null],
  first: [5n, null],
  last: [12n, null],
  last_n: [[12n, 8n, 5n], []],
  count_distinct: [4n, 0n],
  approx_count_distinct: [4n, 0n],
  // The middle of the bucket of 5: [5, 5 + 4/64).
  approx_percentile: [5.03125, null],
  // Rows a minute apart are one session, which is open a minute later.
  session_count: [1n, 0n],
  session_events_mean: [6, null],
  session_events_max: [6n, null],
  session_events_last: [6n, null],
  session_seconds_mean: [240, null],
  session_seconds_last: [240, null],
  session_open_events: [6n, 0n],
  first_row: [[5n], null],
  last_row: [[12n], null],
};
const N = 3;
const P = 0.5;

const GAP = '1m';
const MINUTE = 60_000_000n;

const parameterOf = (name: string): number | SessionSpan | undefined => {
  const { takesN, takesP, takesGap } = ORACLE[name as keyof typeof ORACLE];
  if (takesGap === true) return { gap: MINUTE, end: 5n * MINUTE };
  return takesN === true ? N : takesP === true ? P : undefined;
};

const isOfRows = (name: string): boolean => name.endsWith('_row');
const asRows = (inputs: readonly Input[]): readonly Input[] =>
  inputs.map((input) => ({ ...input, value: [input.value] }));

function inputOf(name: string): object {
  if (isOfRows(name)) return { columns: ['price'] };
  return ORACLE[name as keyof typeof ORACLE].takesGap === true ? { gap: GAP } : { column: 'price' };
}

const isNear = (got: unknown, want: Value): boolean =>
  typeof want === 'number' ? Math.abs(Number(got) - want) <= 1e-9 * want : Object.is(got, want);

function assertSame(got: unknown, want: Value, name: string): void {
  if (typeof want === 'number') assert.ok(isNear(got, want), `${name}: ${String(got)}, not ${want}`);
  else assert.deepEqual(got, want, name);
}

test('each aggregate in the oracle', () => {
  const inputs = VALUES.map((value, i) => ({ eventTime: BigInt(MINUTES[i] ?? 0) * MINUTE, created: null, value }));
  for (const [name, [value, empty]] of Object.entries(CASES)) {
    const [type, read] = isOfRows(name) ? ['struct<price:int64>', asRows(inputs)] : ['int64', inputs];
    assertSame(aggregate(name, type, read, parameterOf(name)).value, value, name);
    assertSame(aggregate(name, type, [], parameterOf(name)).value, empty, name);
  }
});

const at = (minute: number): string => `2026-01-01T00:0${minute}:00Z`;

/** Runs of each engine, by strategy. */
const RUNS: ByEngine<typeof STRATEGIES> = { duckdb: STRATEGIES, spark: NO_SPARK };

testInEngines(RUNS, 'each aggregate, by every strategy', async (strategies) => {
  for (const [strategy, limits] of Object.entries(strategies)) {
    const rows = await evaluateFeatures(
      {
        definitions: {
          entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
          sources: [
            {
              ...{ name: 'orders', kind: 'batch', path: 'orders.jsonl', format: 'jsonl', timestampColumn: 'ts' },
              columns: { user_id: 'int64', ts: 'timestamp', price: 'int64' },
            },
          ],
          featureViews: [
            {
              ...{ name: 'totals', kind: 'aggregate', entities: ['user'], source: 'orders' },
              features: Object.keys(CASES).map((name) => ({
                ...{ name, aggregate: name as keyof typeof ORACLE, window: '1h' },
                ...inputOf(name),
                ...(ORACLE[name as keyof typeof ORACLE].takesN === true ? { n: N } : {}),
                ...(ORACLE[name as keyof typeof ORACLE].takesP === true ? { p: P } : {}),
              })),
            },
          ],
        },
        tables: { orders: VALUES.map((price, i) => ({ user_id: 1, ts: at(MINUTES[i] ?? 0), price })) },
        view: 'totals',
        at: [
          { user_id: 1, at: at(5) },
          { user_id: 2, at: at(5) },
        ],
      },
      limits,
    );
    for (const [name, [value, empty]] of Object.entries(CASES)) {
      assertSame(rows[0]?.[name], value, `${name}, ${strategy}`);
      assertSame(rows[1]?.[name], empty, `${name}, ${strategy}`);
    }
  }
});
