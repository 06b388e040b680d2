// Progress of long work on stderr: a bar on a terminal, an occasional plain line elsewhere.
import { default as cliProgress, type Options, type Params, type SingleBar } from 'cli-progress';
import { count } from '../counted.ts';
import type { Io } from './io.ts';

export interface ProgressStep {
  /** What is being worked on, e.g. `user_clicks writing`. */
  readonly label: string;
  readonly rowsDone: number;
  /** null while unknown. */
  readonly rowsTotal: number | null;
  /** What is counted where it is not rows. */
  readonly unit?: string;
}

export interface Progress extends Disposable {
  update(step: ProgressStep): void;
}

const PLAIN_LINE_MILLIS = 10_000;

export const createProgress = (io: Io): Progress =>
  io.terminal === null ? new PlainProgress(io) : new BarProgress(io.terminal);

class BarProgress implements Progress {
  readonly #bar: SingleBar;
  readonly #clock = new StepClock();

  constructor(stream: NodeJS.WriteStream) {
    this.#bar = new cliProgress.SingleBar({ stream, format: barLine, hideCursor: true, clearOnComplete: true, fps: 8 });
  }

  update(step: ProgressStep): void {
    const isNew = this.#clock.isNew(step.label);
    const text = stepText(step, this.#clock.elapsedSeconds());
    if (!this.#bar.isActive) this.#bar.start(step.rowsTotal ?? 0, step.rowsDone, { text });
    else {
      if (isNew || step.rowsTotal !== null) this.#bar.setTotal(step.rowsTotal ?? 0);
      this.#bar.update(step.rowsDone, { text });
    }
  }

  [Symbol.dispose](): void {
    if (this.#bar.isActive) this.#bar.stop();
  }
}

class PlainProgress implements Progress {
  readonly #io: Io;
  readonly #clock = new StepClock();
  #lastLineMillis = Date.now();

  constructor(io: Io) {
    this.#io = io;
  }

  update(step: ProgressStep): void {
    this.#clock.isNew(step.label);
    if (Date.now() - this.#lastLineMillis < PLAIN_LINE_MILLIS) return;
    this.#lastLineMillis = Date.now();
    this.#io.err(`${stepText(step, this.#clock.elapsedSeconds())}\n`);
  }

  [Symbol.dispose](): void {}
}

/** Rates are of the current step, so each starts its own clock. */
class StepClock {
  #label = '';
  #startMillis = 0;

  isNew(label: string): boolean {
    if (label === this.#label) return false;
    this.#label = label;
    this.#startMillis = Date.now();
    return true;
  }

  elapsedSeconds(): number {
    return (Date.now() - this.#startMillis) / 1000;
  }
}

/** `user_clicks writing: 120,000 of 1,000,000 rows, 52,000/s, 17 s left` */
export function stepText({ label, rowsDone, rowsTotal, unit = 'rows' }: ProgressStep, elapsedSeconds: number): string {
  const rate = elapsedSeconds > 0 ? rowsDone / elapsedSeconds : 0;
  const known = rowsTotal === null ? '' : ` of ${count(rowsTotal)}`;
  const speed = rate >= 1 ? `, ${count(Math.round(rate))}/s` : '';
  const left = rowsTotal !== null && rate >= 1 ? `, ${Math.ceil(Math.max(0, rowsTotal - rowsDone) / rate)} s left` : '';
  return `${label}: ${count(rowsDone)}${known} ${unit}${speed}${left}`;
}

function barLine(options: Options, params: Params, payload: { readonly text: string }): string {
  const bar = params.total > 0 ? `${cliProgress.Format.BarFormat(params.progress, options)} ` : '';
  return `${bar}${payload.text}`;
}
