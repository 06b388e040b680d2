// What the CLI needs of the process, injected so that tests run commands in process.
import { text as textOf } from 'node:stream/consumers';

export interface Terminal {
  /** Lines that it shows at once; 0 where it does not know. */
  readonly rows: number;
  write(text: string): unknown;
}

export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All of it, until its end. */
  stdin(): Promise<string>;
  /** Results. */
  out(text: string): void;
  /** The terminal that results go to; null where stdout is none. */
  readonly screen: Terminal | null;
  /** Progress and errors. */
  err(text: string): void;
  /** The terminal that progress is drawn on; null where stderr is none. */
  readonly terminal: NodeJS.WriteStream | null;
  /** Calls for each SIGINT or SIGTERM, instead of the process ending, until disposed. */
  onSignal(handler: (signal: StopSignal) => void): Disposable;
  /** Ends the process at once. */
  exitNow(code: number): void;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';
export const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];
export const SIGNAL_EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

export function processIo(): Io {
  // `plumb list | head`: the reader has gone, and there is nobody left to tell.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  return {
    cwd: process.cwd(),
    env: process.env,
    stdin: () => textOf(process.stdin),
    out: (text) => process.stdout.write(text),
    screen: process.stdout.isTTY ? process.stdout : null,
    err: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY ? process.stderr : null,
    onSignal: (handler) => {
      for (const signal of STOP_SIGNALS) process.on(signal, handler);
      const dispose = () => {
        for (const signal of STOP_SIGNALS) process.off(signal, handler);
      };
      return { [Symbol.dispose]: dispose };
    },
    exitNow: (code) => process.exit(code),
  };
}
