// One run of one command: its ports, its output, and how it is interrupted.
import type { Config } from '../config/config.ts';
import { createLogger, type DefaultLevel, type Logger } from '../config/logger.ts';
import type { Drafting, OpenOptions } from '../config/open-options.ts';
import type { CheckCommand } from '../config/schedule-mistakes.ts';
import { jsonText } from '../json-text.ts';
import type { App } from './app.ts';
import type { CommandLine } from './command-line.ts';
import { type Io, SIGNAL_EXIT_CODES, type StopSignal } from './io.ts';

export interface GlobalOptions {
  readonly commandLine: CommandLine;
  readonly json: boolean;
  readonly config: string | null;
}

/** After an interrupt, how long running work may take to stop. Whatever is cut off then is finished by the next run. */
const STOP_MILLIS = 10_000;

export class Invocation {
  readonly app: App;
  readonly io: Io;
  readonly json: boolean;
  readonly commandLine: CommandLine;
  readonly #configPath: string | null;
  readonly #stop = new AbortController();
  #stoppedBy: StopSignal | null = null;

  constructor(app: App, io: Io, options: GlobalOptions) {
    this.app = app;
    this.io = io;
    this.json = options.json;
    this.commandLine = options.commandLine;
    this.#configPath = options.config;
  }

  async config(): Promise<Config> {
    const { loadConfig } = await import('../config/load-config.ts');
    const { env, cwd } = this.io;
    const checkCommand: CheckCommand = async (run) =>
      (await import('./scheduled-commands.ts')).commandProblem(run, this.commandLine);
    return await loadConfig({ configPath: this.#configPath, env, cwd, checkCommand });
  }

  logger(level: DefaultLevel = 'warn'): Logger {
    return createLogger(this.io.env, level);
  }

  openOptions(): OpenOptions {
    return { signal: this.#stop.signal, logger: this.logger() };
  }

  /** For definitions from files; the storage may be made then, as `apply` makes it. */
  draftOptions(isDraft: boolean): OpenOptions & Drafting {
    return isDraft ? { ...this.openOptions(), draft: true, makes: 'storage' } : this.openOptions();
  }

  /** The exit code of the signal that interrupted this command; null where none did. */
  get interruptedCode(): number | null {
    return this.#stoppedBy === null ? null : SIGNAL_EXIT_CODES[this.#stoppedBy];
  }

  /** Prints the result: a document for programs, or `text` for people. */
  result(document: unknown, text: () => string): void {
    this.io.out(this.json ? jsonText(document) : `${text().trimEnd()}\n`);
  }

  note(text: string): void {
    this.io.err(`${text}\n`);
  }

  /** From here on, the first signal aborts `openOptions().signal`; a second one, or a stop that takes too long, ends the process. */
  interruptible(): Disposable {
    return this.io.onSignal((signal) => {
      if (this.#stoppedBy !== null) return this.io.exitNow(SIGNAL_EXIT_CODES[signal]);
      this.#stoppedBy = signal;
      this.note('stopping');
      setTimeout(() => this.io.exitNow(SIGNAL_EXIT_CODES[signal]), STOP_MILLIS).unref();
      this.#stop.abort();
    });
  }
}
