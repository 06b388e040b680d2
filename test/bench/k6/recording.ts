// What the shims record while a script runs: one script per process, so plain module state.
import type { Metric, MetricType } from './report.ts';

export type Phase = 'init' | 'setup' | 'scenario' | 'teardown';

interface Recording {
  phase: Phase;
  requests: number;
  readonly checks: Map<string, { passes: number; fails: number }>;
  readonly metrics: Map<string, Metric>;
}

export const recording: Recording = { phase: 'init', requests: 0, checks: new Map(), metrics: new Map() };

export function declareMetric(name: string, type: MetricType): void {
  if (recording.phase !== 'init') throw new Error(`metric ${name}: k6 makes metrics in the init context only`);
  if (!/^[a-zA-Z_]\w{0,127}$/.test(name)) throw new Error(`metric ${JSON.stringify(name)}: k6 refuses this name`);
  const known = recording.metrics.get(name);
  if (known !== undefined && known.type !== type) throw new Error(`metric ${name} is a ${known.type} already`);
  recording.metrics.set(name, known ?? { type, samples: 0, sum: 0 });
}

export function addSample(name: string, type: MetricType, value: number): void {
  if (recording.phase === 'init') throw new Error(`metric ${name}: k6 takes no samples in the init context`);
  if (!Number.isFinite(value)) throw new Error(`metric ${name}: found ${value}, expected a number`);
  const { samples, sum } = recording.metrics.get(name) ?? { samples: 0, sum: 0 };
  recording.metrics.set(name, { type, samples: samples + 1, sum: sum + value });
}
