// Telemetry that Prometheus scrapes.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { InstrumentOptions, Telemetry } from '../telemetry.ts';

/** `ofProcess`: memory, event loop and garbage collection of this process, too. */
export function createPrometheusTelemetry({ ofProcess }: { readonly ofProcess: boolean }): Telemetry {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const common = ({ name, help, labelNames = [] }: InstrumentOptions) => {
    return { name, help, labelNames: [...labelNames], registers: [registry] };
  };
  return {
    counter(options) {
      const counter = new Counter(common(options));
      return { increment: (labels = {}) => counter.inc(labels) };
    },
    histogram({ buckets, ...options }) {
      const histogram = new Histogram({ ...common(options), buckets: [...buckets] });
      return { observe: (value, labels = {}) => histogram.observe(labels, value) };
    },
    gauge({ collect, ...options }) {
      new Gauge({
        ...common(options),
        collect() {
          this.reset();
          for (const { labels, value } of collect()) this.set(labels, value);
        },
      });
    },
    exposition: { contentType: registry.contentType, text: () => registry.metrics() },
  };
}
