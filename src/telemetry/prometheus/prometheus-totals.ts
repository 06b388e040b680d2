// The metrics of several processes as those of one server: counters and histograms are added up, gauges by the word that each
// metric brings along.
import { type Aggregator, AggregatorRegistry, type Registry } from 'prom-client';
import type { ProcessTotals, Snapshot } from '../telemetry.ts';

type Metric = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

/** Of the metrics of each process, in place of what the library says: one slow event loop must show among quick ones. */
const OF_PROCESSES: Readonly<Record<string, Aggregator>> = {
  process_start_time_seconds: 'min',
  nodejs_eventloop_lag_seconds: 'max',
  nodejs_eventloop_lag_mean_seconds: 'max',
  nodejs_eventloop_lag_stddev_seconds: 'max',
  nodejs_eventloop_lag_p50_seconds: 'max',
  nodejs_eventloop_lag_p90_seconds: 'max',
  nodejs_eventloop_lag_p99_seconds: 'max',
};

export function createPrometheusTotals(): ProcessTotals {
  let ofTheDead: readonly Metric[] = [];
  const told = new Map<string, number>();
  return {
    ended(last) {
      const kept = [...ofTheDead, ...metricsOf(last)].filter(isCounted);
      ofTheDead = metricsIn(AggregatorRegistry.aggregate(kept.map((metric) => [metric])));
    },
    async text(living) {
      const sums = AggregatorRegistry.aggregate([...living.map(metricsOf), [...ofTheDead]]);
      for (const metric of metricsIn(sums).filter(isCounted)) neverLess(metric, told);
      return await sums.metrics();
    },
  };
}

/** Fractions that are added in another order may come out less by their last bit, which would read as a restart. */
function neverLess(metric: Metric, told: Map<string, number>): void {
  for (const value of metric.values) {
    const { metricName = metric.name } = value as { readonly metricName?: string };
    const series = `${metricName} ${JSON.stringify(value.labels)}`;
    value.value = Math.max(value.value, told.get(series) ?? 0);
    told.set(series, value.value);
  }
}

const isCounted = ({ type }: Metric): boolean => ['counter', 'histogram'].includes(String(type));

/** What the library makes of plain data holds its values; its type knows only metrics that collect them. */
const metricsIn = (registry: Pick<Registry, 'getMetricsAsArray'>): readonly Metric[] =>
  registry.getMetricsAsArray() as unknown as readonly Metric[];

const metricsOf = ({ metrics, ofProcess }: Snapshot): Metric[] =>
  ([...(ofProcess ?? []), ...metrics] as Metric[]).map((metric) => {
    const aggregator = OF_PROCESSES[metric.name];
    return aggregator === undefined ? metric : { ...metric, aggregator };
  });
