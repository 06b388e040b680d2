// Port: what is counted and measured. Names and units as Prometheus has them: seconds, bytes, `_total`.
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

/** What was observed elsewhere: so many values up to each bound of `buckets`, and beyond the last one. */
export interface Observed {
  readonly labels: Labels;
  /** One more than there are bounds; each value is in one. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface ReadHistogramOptions extends InstrumentOptions {
  readonly buckets: readonly number[];
  readonly collect: () => Iterable<Observed>;
}

export interface ReadOptions extends InstrumentOptions {
  /** Asked whenever somebody reads; labels that it does not name any more are gone. */
  readonly collect: () => Iterable<Sample> | Promise<Iterable<Sample>>;
}

export interface Telemetry {
  counter(options: InstrumentOptions): Counter;
  /** Counted elsewhere, and never less than before. */
  readCounter(options: ReadOptions): void;
  /** `buckets`: upper bounds, ascending. */
  histogram(options: InstrumentOptions & { readonly buckets: readonly number[] }): Histogram;
  /** Observed elsewhere. */
  readHistogram(options: ReadHistogramOptions): void;
  /** `ofProcesses`: what the values of several processes of one server are together (default: their sum). */
  gauge(options: ReadOptions & { readonly ofProcesses?: 'sum' | 'min' | 'max' }): void;
  /** All of it as text, for `GET /metrics`. */
  readonly exposition: Exposition;
  /** As plain data, for the process that adds up those of a server. */
  snapshot(part: 'all' | 'without process'): Promise<Snapshot>;
}

export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Only the adapter that made it reads the metrics. */
export interface Snapshot {
  readonly metrics: readonly object[];
  /** Memory, event loop and the like; null where they were not asked for. Some of them begin anew whenever they are read. */
  readonly ofProcess: readonly object[] | null;
}

/** What the processes of one server measured, together. Counters never go backwards, also when processes end. */
export interface ProcessTotals {
  /** The process has ended: what it counted stays, its gauges go. */
  ended(last: Snapshot): void;
  text(living: readonly Snapshot[]): Promise<string>;
}
