// Sketches of thousands of values of one key, in training sets by every strategy, as the oracle has them: ranks of many sizes, and
// windows that begin and end anywhere among the rows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { approxCountDistinct, approxPercentile } from '../oracle/sketches.ts';
import { STRATEGIES } from './plumb-training.ts';

const ROWS = 4000;
const instant = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
/** Every value comes twice; every seventh is null. */
const priceAt = (second: number): number | null => (second % 7 === 0 ? null : (second % 2000) * 1.25 - 300);
const LABELS = [1, 60, 61, 600, 1999, 2000, 3001, 4000, 9000];
const WINDOW_SECONDS = { short: 60, long: 1500 };
const P = 0.95;

for (const [strategy, limits] of Object.entries(STRATEGIES)) {
  test(`sketches of many values, ${strategy}`, async () => {
    const rows = await evaluateFeatures(
      {
        definitions: {
          entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
          sources: [
            {
              ...{ name: 'orders', kind: 'batch', path: 'orders.jsonl', format: 'jsonl', timestampColumn: 'ts' },
              columns: { user_id: 'int64', ts: 'timestamp', price: 'float64' },
            },
          ],
          featureViews: [
            {
              ...{ name: 'sketches', kind: 'aggregate', entities: ['user'], source: 'orders' },
              features: Object.entries(WINDOW_SECONDS).flatMap(([name, seconds]) => [
                {
                  ...{ name: `distinct_${name}`, aggregate: 'approx_count_distinct' as const, column: 'price' },
                  ...{ window: `${seconds}s`, hop: '1s' },
                },
                {
                  ...{ name: `p95_${name}`, aggregate: 'approx_percentile' as const, p: P, column: 'price' },
                  ...{ window: `${seconds}s`, hop: '1s' },
                },
              ]),
            },
          ],
        },
        tables: {
          orders: Array.from({ length: ROWS }, (_, i) => ({ user_id: 1, ts: instant(i), price: priceAt(i) })),
        },
        view: 'sketches',
        at: LABELS.map((second) => ({ user_id: 1, at: instant(second) })),
      },
      limits,
    );
    for (const [i, second] of LABELS.entries()) {
      for (const [name, seconds] of Object.entries(WINDOW_SECONDS)) {
        const first = Math.max(0, second - seconds);
        const all = Array.from({ length: Math.max(0, Math.min(second, ROWS) - first) }, (_, at) => priceAt(first + at));
        const values = all.filter((value) => value !== null);
        assert.equal(rows[i]?.[`distinct_${name}`], approxCountDistinct(values, 'float64'), `${name} at ${second}`);
        assert.equal(rows[i]?.[`p95_${name}`], approxPercentile(values, P), `${name} at ${second}`);
      }
    }
  });
}
