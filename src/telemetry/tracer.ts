// Port: spans, which say what took how long. Whoever does the work begins and ends them; who reads them (the record of a
// run) implements this.
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Tracer {
  /** Begins a span now. */
  start(name: string): Span;
}

export interface Span {
  /** Adds attributes; one of the same name is replaced. */
  set(attributes: Attributes): void;
  /** To be called once. */
  end(): void;
}

/** Does the work within a span, which ends with it, also where it fails. */
export async function inSpan<T>(tracer: Tracer, name: string, work: (span: Span) => Promise<T>): Promise<T> {
  const span = tracer.start(name);
  try {
    return await work(span);
  } finally {
    span.end();
  }
}
