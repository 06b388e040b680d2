// What is done every few seconds as long as a server lives: never twice at once, and its failure is told once for each reason.
export interface HeartbeatOptions {
  readonly everyMillis: number;
  /** False where there was no reason to ask the storage for anything. */
  readonly beat: () => Promise<boolean>;
  readonly onFailed: (error: unknown) => void;
  /** Behind failures. */
  readonly onRecovered: () => void;
}

export class Heartbeat implements AsyncDisposable {
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> | null = null;
  #failedBecause: string | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#beat(), options.everyMillis).unref();
    void this.#beat();
  }

  /** Stops, with a last beat. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.#beat();
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#beatAndTell().finally(() => {
      this.#beating = null;
    });
    return this.#beating;
  }

  async #beatAndTell(): Promise<void> {
    const { beat, onFailed, onRecovered } = this.#options;
    try {
      if (!(await beat())) return;
      if (this.#failedBecause !== null) onRecovered();
      this.#failedBecause = null;
    } catch (error) {
      const reason = String(error);
      if (reason !== this.#failedBecause) onFailed(error);
      this.#failedBecause = reason;
    }
  }
}
