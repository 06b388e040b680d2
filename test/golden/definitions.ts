// The definitions whose plans are kept as goldens: each view shows one form.

import { defineEntity, defineFeatureService, defineFeatureView, defineSource } from '../../schemas/index.ts';
import { AGGREGATES } from '../../schemas/types.ts';
import { AGGREGATE_RULES } from '../../src/aggregate/aggregate-rules.ts';

const airport = defineEntity({ name: 'airport', joinKeys: [{ name: 'airport', type: 'string' }] });
const flights = defineSource({
  name: 'flights',
  kind: 'batch',
  path: 'data/flights.parquet',
  format: 'parquet',
  timestampColumn: 'ts',
  createdTimestampColumn: 'recorded_at',
  columns: { airport: 'string', ts: 'timestamp', recorded_at: 'timestamp', delay: 'float64', seats: 'int64' },
});

const rowFeatures = [
  { name: 'delay', type: 'float64' },
  { name: 'is_large', type: 'bool', expression: 'seats >= 200', default: false },
] as const;
const row = { kind: 'row', entities: ['airport'], source: 'flights', features: rowFeatures } as const;
const windows = { kind: 'aggregate', entities: ['airport'], source: 'flights' } as const;
const everyHour = { refresh: { every: '1h', delay: '5m' } } as const;

const features = [
  { name: 'flights', aggregate: 'count', window: '1d' },
  { name: 'mean_delay', aggregate: 'mean', column: 'delay', window: '7d' },
  { name: 'seats', aggregate: 'sum', column: 'seats', window: '7d', default: 0 },
  { name: 'first_delay', aggregate: 'first', column: 'delay', window: '1d' },
  { name: 'last_delays', aggregate: 'last_n', n: 3, column: 'delay', window: '1d' },
  { name: 'sizes', aggregate: 'count_distinct', column: 'seats', window: '7d' },
] as const;

/** Each that is built, over an input of its own type, in two windows. */
const everyAggregate = AGGREGATES.filter((aggregate) => AGGREGATE_RULES[aggregate].isSupported).flatMap((aggregate) =>
  ['1d', '7d'].map((window) => ({
    name: `${aggregate}_${window}`,
    ...{ aggregate, window, column: window === '1d' ? 'delay' : 'seats' },
    ...(AGGREGATE_RULES[aggregate].parameter === 'n' ? { n: 3 } : {}),
  })),
);

export const DEFINITIONS = {
  entities: [airport],
  sources: [flights],
  featureViews: [
    defineFeatureView({ ...row, name: 'row_continuous' }),
    defineFeatureView({ ...row, name: 'row_strictly_before', strictlyBefore: true, where: 'seats > 0' }),
    defineFeatureView({ ...row, ...everyHour, name: 'row_scheduled' }),
    defineFeatureView({ ...row, name: 'row_ttl', ttl: '36h' }),
    defineFeatureView({ ...row, ...everyHour, name: 'row_created', visibleFrom: 'created_time' }),
    defineFeatureView({ ...windows, ...everyHour, name: 'windows_scheduled', features }),
    defineFeatureView({ ...windows, name: 'windows_continuous', features }),
    defineFeatureView({
      ...windows,
      ...everyHour,
      name: 'windows_created',
      visibleFrom: 'created_time',
      features: [
        { name: 'flights', aggregate: 'count', window: '1d' },
        { name: 'worst', aggregate: 'max', column: 'delay', window: 'unbounded' },
      ],
    }),
    // Where a row fails, every aggregate over it does.
    defineFeatureView({
      ...windows,
      ...everyHour,
      name: 'windows_every_aggregate',
      where: 'CAST(airport AS int64) > 0',
      features: everyAggregate,
    }),
  ],
  featureServices: [
    defineFeatureService({
      name: 'two_roles',
      features: [
        { view: 'row_ttl', features: '*', joinKeys: { airport: 'origin' }, prefix: 'origin_' },
        { view: 'windows_scheduled', features: ['flights'], joinKeys: { airport: 'origin' }, prefix: 'origin_' },
        { view: 'windows_scheduled', features: '*', joinKeys: { airport: 'destination' }, prefix: 'destination_' },
      ],
    }),
  ],
};
