// One case for each aggregate, worked out by hand: the oracle says it, and so does the engine, by either of its strategies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { STRATEGIES } from '../property/plumb-training.ts';
import { type ByEngine, NO_SPARK, testInEngines } from '../support/engines.ts';
import { aggregate, ORACLE } from './aggregates.ts';
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
};
const N = 3;

const isNear = (got: unknown, want: Value): boolean =>
  typeof want === 'number' ? Math.abs(Number(got) - want) <= 1e-9 * want : Object.is(got, want);

function assertSame(got: unknown, want: Value, name: string): void {
  if (typeof want === 'number') assert.ok(isNear(got, want), `${name}: ${String(got)}, not ${want}`);
  else assert.deepEqual(got, want, name);
}

test('each aggregate in the oracle', () => {
  const inputs = VALUES.map((value, i) => ({ eventTime: BigInt(MINUTES[i] ?? 0), created: null, value }));
  for (const [name, [value, empty]] of Object.entries(CASES)) {
    assertSame(aggregate(name, 'int64', inputs, N).value, value, name);
    assertSame(aggregate(name, 'int64', [], N).value, empty, name);
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
                ...{ name, aggregate: name as keyof typeof ORACLE, column: 'price', window: '1h' },
                ...(ORACLE[name as keyof typeof ORACLE].takesN === true ? { n: N } : {}),
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
