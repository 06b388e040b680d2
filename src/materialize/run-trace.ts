// What a run did and when: its phases with their times and rows, and a log of a few lines that says why it was slow and
// where rows were left out. Phases are spans, so that whoever exports spans sees the same ones.
import { z } from 'zod';
import type { RunLogLine, RunPhase } from '../../schemas/wire-types.ts';
import { counted } from '../counted.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { type Attributes, inSpan, type Span, type Tracer } from '../telemetry/tracer.ts';

export interface RecordedTrace {
  readonly phases: readonly RunPhase[];
  readonly log: readonly RunLogLine[];
}

const line = z.object({ at: z.string(), level: z.enum(['info', 'warn', 'error']), message: z.string() });
const phase = z.object({
  name: z.string(),
  startedAt: z.string(),
  seconds: z.number().nonnegative().nullable(),
  rows: z.int().nonnegative().nullable(),
});
export const recordedTraceContract: z.ZodType<RecordedTrace> = z.object({
  phases: z.array(phase),
  log: z.array(line),
});

/** Of the log: so many of the first lines and so many of the last ones are kept. */
const KEPT_AT_EACH_END = 100;
const MOST_CHARACTERS = 2000;

export class RunTrace implements Tracer {
  /** Of the whole run. */
  readonly #span: Span;
  readonly #phases: RunPhase[] = [];
  readonly #first: RunLogLine[] = [];
  readonly #last: RunLogLine[] = [];
  #leftOut = 0;
  #onChange: () => void = () => {};

  constructor(span: Span) {
    this.#span = span;
  }

  /** Is told of every change from now on. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Does a phase of the run. The attribute `rows` of its span is the phase's rows. */
  phase<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
    return inSpan(this, name, work);
  }

  start(name: string, attributes: Attributes = {}): Span {
    const span = this.#span.start(name, attributes);
    const startedMillis = performance.now();
    const place = this.#phases.length;
    this.#phases.push({ name, startedAt: formatInstant(nowMicros()), seconds: null, rows: rowsOf(attributes) });
    this.#onChange();
    const change = (changed: Partial<RunPhase>): void => {
      this.#phases[place] = { ...(this.#phases[place] as RunPhase), ...changed };
      this.#onChange();
    };
    return {
      start: (...part) => span.start(...part),
      set: (more) => {
        span.set(more);
        if ('rows' in more) change({ rows: rowsOf(more) });
      },
      end: (error) => {
        span.end(error);
        change({ seconds: Math.round(performance.now() - startedMillis) / 1000 });
      },
    };
  }

  /** `message` is read by clients over the network: no hosts, no folders. */
  log(message: string, level: RunLogLine['level'] = 'info'): void {
    const added = {
      at: formatInstant(nowMicros()),
      level,
      message: message.length > MOST_CHARACTERS ? `${message.slice(0, MOST_CHARACTERS)}…` : message,
    };
    if (this.#first.length < KEPT_AT_EACH_END) this.#first.push(added);
    else this.#last.push(added);
    if (this.#last.length > KEPT_AT_EACH_END) {
      this.#last.shift();
      this.#leftOut++;
    }
    this.#onChange();
  }

  get recorded(): RecordedTrace {
    const [next] = this.#last;
    const gap: readonly RunLogLine[] =
      this.#leftOut === 0 || next === undefined
        ? []
        : [{ at: next.at, level: 'info', message: `${counted(this.#leftOut, 'line')} left out here` }];
    return { phases: [...this.#phases], log: [...this.#first, ...gap, ...this.#last] };
  }
}

function rowsOf({ rows }: Attributes): number | null {
  return typeof rows === 'number' ? rows : null;
}
