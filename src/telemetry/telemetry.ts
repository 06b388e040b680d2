// Port: what is counted and measured, whoever reads it. Names and units as Prometheus has them: seconds, bytes, `_total`.
export interface InstrumentOptions<L extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
}

export type Labels = Readonly<Record<string, string | number>>;

export interface Counter {
  increment(labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Telemetry {
  counter(options: InstrumentOptions): Counter;
  /** `buckets`: upper bounds, ascending. */
  histogram(options: InstrumentOptions & { readonly buckets: readonly number[] }): Histogram;
  /** `collect` is asked whenever somebody reads; labels that it does not name any more are gone. */
  gauge(options: InstrumentOptions & { readonly collect: () => Iterable<Sample> }): void;
  /** All of it as text, for `GET /metrics`. */
  readonly exposition: { readonly contentType: string; text(): Promise<string> };
}
