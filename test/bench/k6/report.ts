// What one run of a script came to.
export interface Report {
  /** Scenario names in the order they ran; `default` where the script declares none. */
  readonly scenarios: readonly string[];
  /** Made by scenarios; those of setup() do not count. */
  readonly requests: number;
  readonly checks: Readonly<Record<string, { readonly passes: number; readonly fails: number }>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Why the script is of no use; empty where it is fine. */
  readonly problems: readonly string[];
}

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';

export interface Metric {
  readonly type: MetricType;
  readonly samples: number;
  readonly sum: number;
}
