// Telemetry that Prometheus scrapes.
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import type { InstrumentOptions, ReadOptions, Telemetry } from '../telemetry.ts';
import { readHistogram } from './read-histogram.ts';

/** `ofProcess`: memory, event loop and garbage collection of this process, too. */
export function createPrometheusTelemetry({ ofProcess }: { readonly ofProcess: boolean }): Telemetry {
  const registry = new Registry();
  const processRegistry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: processRegistry });
  const common = ({ name, help, labelNames = [] }: InstrumentOptions) => {
    return { name, help, labelNames: [...labelNames], registers: [registry] };
  };
  return {
    counter(options) {
      const counter = new Counter(common(options));
      return { increment: (labels = {}) => counter.inc(labels) };
    },
    readCounter({ collect, ...options }: ReadOptions) {
      new Counter({
        ...common(options),
        async collect() {
          const samples = await collect();
          this.reset();
          for (const { labels, value } of samples) this.inc(labels, value);
        },
      });
    },
    histogram({ buckets, ...options }) {
      const histogram = new Histogram({ ...common(options), buckets: [...buckets] });
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
    readHistogram: (options) => registry.registerMetric(readHistogram(options) as unknown as Metric),
    gauge({ collect, ofProcesses = 'sum', ...options }) {
      new Gauge({
        ...common(options),
        aggregator: ofProcesses,
        async collect() {
          const samples = await collect();
          this.reset();
          for (const { labels, value } of samples) this.set(labels, value);
        },
      });
    },
    exposition: {
      contentType: registry.contentType,
      text: () => Registry.merge(ofProcess ? [processRegistry, registry] : [registry]).metrics(),
    },
    snapshot: async (part) => ({
      metrics: await registry.getMetricsAsJSON(),
      ofProcess: part === 'all' ? await processRegistry.getMetricsAsJSON() : null,
    }),
  };
}
