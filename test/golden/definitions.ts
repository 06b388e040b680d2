// The definitions whose plans are kept as goldens: each view shows one form.

import { defineEntity, defineFeatureService, defineFeatureView, defineSource } from '../../schemas/index.ts';
import { AGGREGATES, type Aggregate } from '../../schemas/types.ts';
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

function golden(aggregate: Aggregate, window: string) {
  const { input } = AGGREGATE_RULES[aggregate];
  if (input === 'none') return { gap: '1h' };
  return input === 'row' ? { columns: ['delay', 'seats'] } : { column: window === '1d' ? 'delay' : 'seats' };
}

/** Each over an input of its own type, in two windows. */
const everyAggregate = AGGREGATES.flatMap((aggregate) =>
  ['1d', '7d'].map((window) => ({
    name: `${aggregate}_${window}`,
    ...{ aggregate, window },
    ...golden(aggregate, window),
    ...(AGGREGATE_RULES[aggregate].parameter === 'n' ? { n: 3 } : {}),
    ...(AGGREGATE_RULES[aggregate].parameter === 'p' ? { p: 0.95 } : {}),
  })),
);

/** Features that choose among the rows of the view. */
const ownRows = [
  { name: 'flights', aggregate: 'count', window: '1d' },
  { name: 'late', aggregate: 'count', window: '1d', where: 'delay > 15' },
  { name: 'late_seats', aggregate: 'sum', column: 'seats', window: '7d', where: 'delay > 15' },
  { name: 'day_before', aggregate: 'count', window: '1d', offset: '7d' },
  { name: 'last_day_before', aggregate: 'last', column: 'delay', window: '1d', offset: '7d', where: 'delay > 15' },
  { name: 'last_late', aggregate: 'last', column: 'seats', window: '7d', where: 'CAST(airport AS int64) > 0' },
] as const;

/** Maps over two columns, beside a value for all rows. */
const maps = [
  { name: 'flights', aggregate: 'count', window: '1d' },
  { name: 'delay_by', aggregate: 'mean', column: 'delay', by: 'seats', top: 3, window: '7d' },
  { name: 'flights_by', aggregate: 'count', by: 'seats', window: '1d' },
  { name: 'seats_by', aggregate: 'sum', column: 'seats', by: 'recorded_at', as: 'keys', top: 5, window: '7d' },
] as const;
const oneMap = [
  { name: 'seats_by', aggregate: 'sum', column: 'seats', by: 'recorded_at', top: 5, window: '7d' },
] as const;

export const DEFINITIONS = {
  entities: [airport],
  sources: [flights],
  featureViews: [
    defineFeatureView({ ...row, name: 'row_continuous' }),
    defineFeatureView({ ...row, name: 'row_strictly_before', strictlyBefore: true, where: 'seats > 0' }),
    defineFeatureView({ ...row, ...everyHour, name: 'row_scheduled' }),
    defineFeatureView({ ...row, name: 'row_ttl', ttl: '36h' }),
    defineFeatureView({ ...row, name: 'row_deleted', deletedWhen: 'CAST(airport AS int64) > 0' }),
    defineFeatureView({ ...row, name: 'row_deleted_created', deletedWhen: 'seats < 0', visibleFrom: 'created_time' }),
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
    defineFeatureView({ ...windows, ...everyHour, name: 'windows_own_rows', features: ownRows }),
    defineFeatureView({ ...windows, name: 'windows_own_rows_continuous', features: ownRows }),
    defineFeatureView({ ...row, name: 'row_no_entities', entities: [] }),
    defineFeatureView({ ...windows, ...everyHour, name: 'windows_no_entities', entities: [], features: ownRows }),
    defineFeatureView({
      ...windows,
      ...everyHour,
      name: 'windows_maps',
      where: 'CAST(airport AS int64) > 0',
      features: maps,
    }),
    defineFeatureView({ ...windows, ...everyHour, name: 'windows_one_map', features: oneMap }),
    defineFeatureView({
      ...{ name: 'label_every_aggregate', kind: 'label', entities: ['airport'], source: 'flights' },
      ...{ where: 'seats > 0', features: everyAggregate },
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
