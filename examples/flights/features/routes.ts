// A route is an airport of origin and one of destination: a key of two parts. In TypeScript, so that a loop writes what
// differs by window only.
import { defineEntity, defineFeatureView } from '@plumb/schemas';

const LATE = 'CASE WHEN delay > 15 THEN 1 ELSE 0 END';
const WINDOWS = ['1d', '7d', '30d'] as const;

export const route = defineEntity({
  name: 'route',
  joinKeys: [
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
  ],
});

export const routeHistory = defineFeatureView({
  name: 'route_history',
  kind: 'aggregate',
  entities: [route.name],
  source: 'flights',
  where: 'delay > -180',
  refresh: { every: '1h', delay: '12h' },
  features: [
    ...WINDOWS.flatMap((window) => [
      { name: `flights_${window}`, aggregate: 'count' as const, window },
      { name: `mean_delay_${window}`, aggregate: 'mean' as const, column: 'delay', window },
      { name: `late_share_${window}`, aggregate: 'mean' as const, expression: LATE, window },
    ]),
    { name: 'last_delays', aggregate: 'last_n', n: 3, column: 'delay', window: '7d' },
  ],
});

export const lastFlight = defineFeatureView({
  name: 'last_flight',
  description: 'The last flight of the route whose delay is known, while it is not older than a week.',
  kind: 'row',
  entities: [route.name],
  source: 'flights',
  where: 'delay > -180',
  refresh: { every: '1h', delay: '12h' },
  ttl: '7d',
  features: [
    { name: 'departed_at', type: 'timestamp', column: 'date' },
    { name: 'delay', type: 'int64' },
    { name: 'was_late', type: 'bool', expression: 'delay > 15' },
  ],
});
