// A histogram whose values another process observed, in the form in which prom-client reads its own.
import type { Observed, ReadHistogramOptions } from '../telemetry.ts';

/** What a registry asks of a metric. */
export function readHistogram({ name, help, labelNames = [], buckets, collect }: ReadHistogramOptions) {
  const about = { name, help, type: 'histogram', aggregator: 'sum' } as const;
  const get = async () => ({
    ...about,
    values: [...collect()].flatMap((observed) => valuesOf(name, buckets, observed)),
  });
  return { ...about, labelNames: [...labelNames], get, reset: () => {} };
}

function valuesOf(name: string, buckets: readonly number[], { labels, counts, sum }: Observed) {
  let total = 0;
  const bounds = [...buckets, '+Inf'].map((le, i) => {
    total += counts[i] ?? 0;
    return { metricName: `${name}_bucket`, exemplar: null, labels: { ...labels, le }, value: total };
  });
  return [
    ...bounds,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: total },
  ];
}
