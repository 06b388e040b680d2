// Port: spans, which say what took how long and what it was a part of. Whoever does the work begins and ends them; who
// reads them (the record of a run, an exporter) implements this.
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Tracer {
  /** Begins a span now; called on a span, a part of that one. */
  start(name: string, attributes?: Attributes): Span;
}

export interface Span extends Tracer {
  /** Adds attributes; one of the same name is replaced. */
  set(attributes: Attributes): void;
  /** To be called once. `error`: why the work failed, where it did. */
  end(error?: unknown): void;
}

const NO_SPAN: Span = { start: () => NO_SPAN, set: () => {}, end: () => {} };

/** For programs in which nobody reads spans. */
export const NO_TRACER: Tracer = NO_SPAN;

/** Does the work within a span, which ends with it. */
export async function inSpan<T>(tracer: Tracer, name: string, work: (span: Span) => Promise<T>): Promise<T> {
  const span = tracer.start(name);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error ?? 'failed');
    throw error;
  }
}
