// The project that trials of labels ask: three users known since an instant, each with a name.
import { parseInstant } from '../oracle/instants.ts';

export const KNOWN_SINCE = '2026-01-05T00:00:00Z';
export const DEFINITIONS = {
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [
    {
      name: 'users',
      kind: 'batch',
      path: 'data/users.jsonl',
      format: 'jsonl',
      timestampColumn: 'ts',
      columns: { user_id: 'int64', ts: 'timestamp', name: 'string' },
    },
  ],
  featureViews: [
    { name: 'view', kind: 'row', entities: ['user'], source: 'users', features: [{ name: 'name', type: 'string' }] },
  ],
  featureServices: [{ name: 'all', features: ['view:*'] }],
};

export const USERS = ['1', '2', '3']
  .map((key) => `{"user_id":${key},"ts":"${KNOWN_SINCE}","name":"user ${key}"}\n`)
  .join('');

/** The feature of a key at an instant. */
export function nameAt(key: string, at: string): string | null {
  const isKnown = ['1', '2', '3', '1e0'].includes(key) && parseInstant(at) >= parseInstant(KNOWN_SINCE);
  return isKnown ? `user ${Number(key)}` : null;
}
