// What a run did and when: its phases with their times and rows, and a log of a few lines that says why it was slow and
// where rows were left out. It reads the spans of the run: each is a phase.
import { z } from 'zod';
import type { RunLogLine, RunPhase } from '../../schemas/wire-types.ts';
import { counted } from '../counted.ts';
import { formatInstant, nowMicros } from '../instant.ts';
import { inSpan, type Span, type Tracer } from '../telemetry/tracer.ts';

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
  readonly #phases: RunPhase[] = [];
  readonly #first: RunLogLine[] = [];
  readonly #last: RunLogLine[] = [];
  #leftOut = 0;
  #onChange: () => void = () => {};

  /** Is told of every change from now on. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Does a phase of the run. The attribute `rows` of its span is the phase's rows. */
  phase<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
    return inSpan(this, name, work);
  }

  start(name: string): Span {
    const startedMillis = performance.now();
    const place = this.#phases.length;
    this.#phases.push({ name, startedAt: formatInstant(nowMicros()), seconds: null, rows: null });
    this.#onChange();
    const change = (changed: Partial<RunPhase>): void => {
      this.#phases[place] = { ...(this.#phases[place] as RunPhase), ...changed };
      this.#onChange();
    };
    return {
      set: ({ rows }) => {
        if (typeof rows === 'number') change({ rows });
      },
      end: () => change({ seconds: Math.round(performance.now() - startedMillis) / 1000 }),
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
