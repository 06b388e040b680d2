// A month of clicks of some users, the same each time: many of them lie exactly on the boundaries of the views.
import type { JsonRow, World } from '../oracle/world.ts';

export const USERS = 120;
const EVENTS = 3000;
const MINUTES = 30 * 24 * 60;
const START = Date.parse('2026-01-01T00:00:00Z');

/** A linear congruential generator: the same numbers everywhere. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function clicks(): readonly JsonRow[] {
  const draw = numbers(7);
  return Array.from({ length: EVENTS }, (_, i) => {
    const minute = draw(MINUTES);
    const at = START + 60_000 * (i % 3 === 0 ? minute - (minute % 60) : minute);
    return [draw(USERS), new Date(at).toISOString(), i + 0.25];
  });
}

const COLUMNS = { user_id: 'int64', ts: 'timestamp', price: 'float64' };

export const MONTH_OF_CLICKS: World = {
  name: 'a month of clicks',
  level: 1,
  definitions: {
    entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
    sources: [{ name: 'clicks', kind: 'batch', path: '', format: 'jsonl', timestampColumn: 'ts', columns: COLUMNS }],
    featureViews: [
      {
        ...{ name: 'spending', kind: 'aggregate', entities: ['user'], source: 'clicks' },
        refresh: { every: '1h', delay: '5m' },
        features: [
          { name: 'clicks_1d', aggregate: 'count', window: '1d' },
          { name: 'spend_7d', aggregate: 'sum', column: 'price', window: '7d', default: 0 },
          { name: 'spread', aggregate: 'stddev_samp', column: 'price', window: 'unbounded' },
        ],
      },
      {
        ...{ name: 'last_click', kind: 'row', entities: ['user'], source: 'clicks', ttl: '3d' },
        features: [{ name: 'price', type: 'float64' }],
      },
      {
        ...{ name: 'recent', kind: 'aggregate', entities: ['user'], source: 'clicks' },
        features: [
          { name: 'clicks_1d', aggregate: 'count', window: '1d', hop: '1h' },
          { name: 'spend_7d', aggregate: 'sum', column: 'price', window: '7d', hop: '1h' },
        ],
      },
    ],
    featureServices: [
      { name: 'spending', features: ['spending:*'] },
      { name: 'last_click', features: ['last_click:*'] },
      { name: 'recent', features: ['recent:*'] },
    ],
  },
  tables: { clicks: { columns: Object.entries(COLUMNS), rows: clicks() } },
  service: 'spending',
  labels: { columns: [], rows: [], timestampColumn: 'at' },
};
