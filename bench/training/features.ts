// The eighteen features of the bench: six functions over three windows, continuous and hourly.
import type { DefinitionsInput } from '../../schemas/builders.ts';

export const REFRESHES = ['continuous', 'hourly'] as const;
export type Refresh = (typeof REFRESHES)[number];

export const WINDOWS = ['1h', '1d', '7d'] as const;

/** Function → what it aggregates; the order of the features. */
const FUNCTIONS = [
  { short: 'count', aggregate: 'count', column: null },
  { short: 'sum', aggregate: 'sum', column: 'amount' },
  { short: 'mean', aggregate: 'mean', column: 'amount' },
  { short: 'min', aggregate: 'min', column: 'amount' },
  { short: 'last', aggregate: 'last', column: 'item' },
  { short: 'distinct', aggregate: 'count_distinct', column: 'item' },
] as const;

export const FEATURES = FUNCTIONS.flatMap(({ short, aggregate, column }) =>
  WINDOWS.map((window) => ({ name: `${short}_${window}`, aggregate, column, window })),
);

/** SQL of the effective time of `t`, in microseconds: what the views below say, for the hand-written queries. */
export const EFFECTIVE: Readonly<Record<Refresh, string>> = {
  continuous: 't',
  hourly: '(t - 300000000) - (t - 300000000) % 3600000000',
};

export const SERVICE: Readonly<Record<Refresh, string>> = { continuous: 'activity', hourly: 'hourly_activity' };

const view = (refresh: Refresh) => ({
  name: SERVICE[refresh],
  kind: 'aggregate' as const,
  entities: ['user'],
  source: 'events',
  ...(refresh === 'hourly' ? { refresh: { every: '1h', delay: '5m' } } : {}),
  features: FEATURES.map(({ column, ...feature }) => (column === null ? feature : { ...feature, column })),
});

export const definitions = (eventsPath: string): DefinitionsInput => ({
  entities: [{ name: 'user', joinKeys: [{ name: 'user_id', type: 'int64' }] }],
  sources: [{ name: 'events', kind: 'batch', path: eventsPath, format: 'parquet', timestampColumn: 'ts' }],
  featureViews: REFRESHES.map(view),
  featureServices: REFRESHES.map((refresh) => ({ name: SERVICE[refresh], features: [`${SERVICE[refresh]}:*`] })),
});
