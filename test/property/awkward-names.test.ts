// Names that the compiled SQL uses itself must be free for users.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFeatures } from '../../src/testing/index.ts';

const NAMES = [
  'rid',
  't',
  'e',
  'c0',
  'l0',
  'k0',
  'kid',
  'qid',
  'ts',
  'created',
  'labels',
  'select',
  'x0',
  'v0',
  'frame',
];

for (const pairsPerRow of [0, 128]) {
  test(`features and label columns with names of the compiled SQL, ${pairsPerRow} pairs per row`, async () => {
    const rows = await evaluateFeatures(
      {
        definitions: {
          entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
          sources: [
            {
              name: 'rows',
              kind: 'batch',
              path: 'rows.jsonl',
              format: 'jsonl',
              timestampColumn: 'ts',
              columns: { user_id: 'int64', ts: 'timestamp', select: 'float64' },
            },
          ],
          featureViews: [
            {
              name: 'view',
              kind: 'aggregate',
              entities: ['user'],
              source: 'rows',
              refresh: { every: '1h' },
              features: NAMES.map((name) => ({ name, aggregate: 'sum', column: 'select', window: '1d' })),
            },
          ],
          featureServices: [],
        },
        tables: { rows: [{ user_id: 1, ts: '2026-01-01T00:30:00Z', select: 2.5 }] },
        view: 'view',
        at: [{ user_id: 1, at: '2026-01-01T02:00:00Z', 'a"b': 1, "it's": 'x', LABELS_: null }],
      },
      { memoryBytes: 2 ** 30, threads: 1, pairsPerRow },
    );
    assert.deepEqual(rows, [Object.fromEntries(NAMES.map((name) => [name, 2.5]))]);
  });

  test(`label columns with names of the compiled SQL, ${pairsPerRow} pairs per row`, async () => {
    const rows = await evaluateFeatures(
      {
        definitions: {
          entities: [{ name: 'user', joinKeys: [{ name: 'kid', type: 'string' }] }],
          sources: [
            {
              name: 'rows',
              kind: 'batch',
              path: 'rows.jsonl',
              format: 'jsonl',
              timestampColumn: 'e',
              columns: { kid: 'string', e: 'timestamp' },
            },
          ],
          featureViews: [
            {
              name: 'view',
              kind: 'aggregate',
              entities: ['user'],
              source: 'rows',
              features: [{ name: 'n', aggregate: 'count', window: '1d' }],
            },
          ],
          featureServices: [],
        },
        tables: { rows: [{ kid: 'a', e: '2026-01-01T00:30:00Z' }] },
        view: 'view',
        at: [
          {
            kid: 'a',
            ...Object.fromEntries(NAMES.filter((name) => name !== 'kid').map((name) => [name, 7])),
            at: '2026-01-01T02:00:00Z',
          },
        ],
      },
      { memoryBytes: 2 ** 30, threads: 1, pairsPerRow },
    );
    assert.deepEqual(rows, [{ n: 1n }]);
  });
}
