// The shop of the tests of erasures: views of one entity and of two, a role, a user whose rows lie everywhere.
import { CLICKS, LABELS, PROFILES, PROJECT_FILE } from './shop.ts';

export const ERASURE_DEFINITIONS = `
entities:
  - name: user
    joinKeys: [{ name: user_id, type: int64 }]
  - name: item
    joinKeys: [{ name: item_id, type: string }]
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
    columns: { user_id: int64, item_id: string, ts: timestamp, price: float64 }
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
  - name: pair
    kind: row
    entities: [item, user]
    source: clicks
    features: [{ name: price, type: float64 }]
  - name: popular
    kind: aggregate
    entities: [item]
    source: clicks
    refresh: { every: 1h, delay: 0s }
    features: [{ name: clicks_7d, aggregate: count, window: 7d }]
featureServices:
  - name: ranking
    features: [profile:*, spending:*]
  - name: pairs
    features: [pair:*, popular:*]
  - name: friends
    features:
      - { view: profile, features: "*", joinKeys: { user_id: friend_id }, prefix: friend_ }
`;

const withItems = (lines: string): string =>
  lines
    .trimEnd()
    .split('\n')
    .map((line, i) => JSON.stringify({ item_id: i % 2 === 0 ? 'a' : "b'; drop", ...JSON.parse(line) }))
    .join('\n');

export const ERASURE_SHOP: Readonly<Record<string, string>> = {
  'plumb.yaml': PROJECT_FILE,
  'features/shop.yaml': ERASURE_DEFINITIONS,
  'data/profiles.jsonl': PROFILES,
  'data/clicks.jsonl': `${withItems(CLICKS)}\n`,
  'labels.csv': LABELS,
  'friends.csv': 'friend_id,event_timestamp\n2,2026-01-08T00:00:00Z\n1,2026-01-08T00:00:00Z\n3,2026-01-08T00:00:00Z\n',
};
