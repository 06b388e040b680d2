// Ends a process that is stuck, so that its place goes to the next job. Two limits: one for a main thread that shows no life,
// which a stuck one cannot fake; one for the whole job, because a query may hang while the main thread lives.
import { PlumbError } from '../../schemas/errors.ts';

export interface WatchdogLimits {
  /** How long the whole may take. */
  readonly timeoutMillis: number;
  /** How long the main thread of the process may show no sign of life. */
  readonly silenceMillis: number;
  /** What was not done in time, and what to do then. */
  readonly late?: { readonly what: string; readonly advice: string };
}

/** Silence is counted in looks, not by the clock: a machine that slept has one look behind it, not hours. */
const LOOKS = 10;

export class Watchdog implements Disposable {
  readonly #limits: WatchdogLimits;
  readonly #end: () => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #looks: NodeJS.Timeout;
  #silentLooks = 0;
  #failure: PlumbError | null = null;

  constructor(limits: WatchdogLimits, end: () => void) {
    this.#limits = limits;
    this.#end = end;
    this.#deadline = setTimeout(() => this.#fail(tooLong(limits)), limits.timeoutMillis).unref();
    this.#looks = setInterval(() => this.#look(), limits.silenceMillis / LOOKS).unref();
  }

  /** Why the process was ended; null where it was not. */
  get failure(): PlumbError | null {
    return this.#failure;
  }

  sawLife(): void {
    this.#silentLooks = 0;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#deadline);
    clearInterval(this.#looks);
  }

  #look(): void {
    this.#silentLooks++;
    if (this.#silentLooks >= LOOKS) this.#fail(silent(this.#limits));
  }

  #fail(failure: PlumbError): void {
    this.#failure ??= failure;
    this.#end();
  }
}

const JOB = { what: 'the job', advice: 'ask for less at once, or raise server.jobs.timeoutMillis' };

const tooLong = ({ timeoutMillis, late: { what, advice } = JOB }: WatchdogLimits): PlumbError =>
  new PlumbError('TOO_LARGE', `${what} was not done after ${timeoutMillis / 1000} s and was ended: ${advice}`, {
    details: { limit: 'timeoutMillis', timeoutMillis },
  });

const silent = ({ silenceMillis }: WatchdogLimits): PlumbError =>
  new PlumbError(
    'INTERRUPTED',
    `the process of the job was stuck: it showed no sign of life for ${silenceMillis / 1000} s and was ended; if that happens again with the same request, look for what is odd in its labels`,
    { details: { limit: 'silenceMillis', silenceMillis } },
  );
