// Sessions worked out by hand, by every strategy of the engine: of several instants of one key, each with rows of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SESSION_AGGREGATES } from '../../schemas/types.ts';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { STRATEGIES } from '../property/plumb-training.ts';

const at = (time: string): string => `2026-01-01T${time}Z`;

/** In sessions of a gap of 10 minutes: three rows, one, two. */
const ROWS = ['10:00:00', '10:10:00', '10:20:00', '10:30:00.000001', '11:00:00', '11:00:01.5'];

/** In the order of SESSION_AGGREGATES. */
const CASES: Readonly<Record<string, readonly unknown[]>> = {
  '11:05:00': [3n, 2, 3n, 2n, 400.5, 1.5, 2n],
  // The window, of 70 minutes, starts inside of the first session.
  '11:11:00': [3n, 5 / 3, 2n, 2n, 200.5, 1.5, 0n],
  // Sessions of one row: DuckDB 1.5.6 read values of another instant here, out of the nulls of a list_zip of structs.
  '10:00:00.000001': [1n, 1, 1n, 1n, 0, 0, 1n],
  '11:31:00': [2n, 1.5, 2n, 2n, 0.75, 1.5, 0n],
  '09:59:00': [0n, null, null, null, null, null, 0n],
};

for (const [strategy, limits] of Object.entries(STRATEGIES))
  test(`sessions of several instants of one key, ${strategy}`, async () => {
    const rows = await evaluateFeatures(
      {
        definitions: {
          entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
          sources: [
            {
              ...{ name: 'clicks', kind: 'batch', path: 'clicks.jsonl', format: 'jsonl', timestampColumn: 'ts' },
              columns: { user_id: 'int64', ts: 'timestamp' },
            },
          ],
          featureViews: [
            {
              ...{ name: 'visits', kind: 'aggregate', entities: ['user'], source: 'clicks' },
              features: SESSION_AGGREGATES.map((aggregate) => ({
                ...{ name: aggregate, aggregate, gap: '10m', window: '70m', hop: '1m' },
              })),
            },
          ],
        },
        tables: { clicks: ROWS.map((time) => ({ user_id: 1, ts: at(time) })) },
        view: 'visits',
        at: Object.keys(CASES).map((time) => ({ user_id: 1, at: at(time) })),
      },
      limits,
    );
    assert.deepEqual(
      rows.map((row) => SESSION_AGGREGATES.map((name) => row[name])),
      Object.values(CASES),
    );
  });
