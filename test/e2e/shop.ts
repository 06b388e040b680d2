// The project that the tests of bad input start from: two sources, a row view, an aggregate view, one service.

export const PROJECT_FILE = 'project: shop\nonline: { kind: lmdb }\nengine: { kind: duckdb, threads: 1 }\n';

export const DEFINITIONS = `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
sources:
  - name: profiles
    kind: batch
    path: data/profiles.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, country: string, points: int64 }
  - name: clicks
    kind: batch
    path: data/clicks.jsonl
    format: jsonl
    timestampColumn: ts
    columns: { user_id: int64, ts: timestamp, price: float64 }
featureViews:
  - name: profile
    kind: row
    entities: [user]
    source: profiles
    features:
      - { name: country, type: string }
      - { name: points, type: int64 }
  - name: spending
    kind: aggregate
    entities: [user]
    source: clicks
    refresh: { every: 1h, delay: 0s }
    features:
      - { name: clicks_1d, aggregate: count, window: 1d }
      - { name: spend_1d, aggregate: sum, column: price, window: 1d }
featureServices:
  - name: ranking
    features: [profile:*, spending:*]
`;

export const PROFILES = `{"user_id":1,"ts":"2026-01-01T00:00:00Z","country":"US","points":9007199254740993}
{"user_id":2,"ts":"2026-01-02T00:00:00Z","country":"DE","points":7}
{"user_id":9007199254740995,"ts":"2026-01-02T00:00:00Z","country":"JP","points":-1}
`;

export const CLICKS = `{"user_id":1,"ts":"2026-01-07T10:00:00Z","price":1.5}
{"user_id":1,"ts":"2026-01-07T12:30:00Z","price":2}
{"user_id":2,"ts":"2026-01-05T00:00:00Z","price":4}
`;

export const LABELS = 'user_id,event_timestamp,bought\n1,2026-01-08T00:00:00Z,true\n2,2026-01-01T12:00:00Z,false\n';

export const UNTIL = '2026-01-08T00:00:00Z';

export const SHOP: Readonly<Record<string, string>> = {
  'plumb.yaml': PROJECT_FILE,
  'features/shop.yaml': DEFINITIONS,
  'data/profiles.jsonl': PROFILES,
  'data/clicks.jsonl': CLICKS,
  'labels.csv': LABELS,
};
