// The commands that schedules of the project file may run: those that may be run twice, or again after a failure, and leave the
// same behind. They are read by the parser that reads every command line.
import { PlumbError } from '../../schemas/errors.ts';
import type { Config } from '../config/config.ts';
import type { CommandProblem } from '../config/schedule-mistakes.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { quote } from '../quote.ts';
import { commandWords } from '../schedule/command-words.ts';
import type { CommandLine } from './command-line.ts';
import type { Io } from './io.ts';

const IDEMPOTENT = ['materialize', 'dataset create', 'verify', 'gc', 'backup create', 'status'];

/** Where a schedule would run anything else, or what the parser refuses. */
export async function commandProblem(run: string, commandLine: CommandLine): Promise<CommandProblem | null> {
  const words = commandWords(run);
  if (words === null) return { found: quote(run), expected: 'an end to each quote', nearest: null };
  try {
    const { command, namesProject } = await commandLine.read(words);
    if (!IDEMPOTENT.includes(command))
      return { found: quote(command), expected: oneOf(IDEMPOTENT), nearest: nearestName(command, IDEMPOTENT) };
    return namesProject ? { found: '--config', expected: 'no other project file', nearest: null } : null;
  } catch (error) {
    if (!(error instanceof PlumbError)) throw error;
    return {
      found: `${quote(run)}: ${error.message}`,
      expected: 'a command as in a shell, without `plumb`',
      nearest: null,
    };
  }
}

export interface ScheduledRun {
  readonly words: readonly string[];
  readonly config: Config;
  readonly env: Io['env'];
  readonly signal: AbortSignal;
}

/** What is kept of the output, for the log. */
const KEPT_CHARACTERS = 4000;

/** COMMAND_FAILED where the exit code is not 0. Paths in the words are relative to the project file. */
export async function runScheduledCommand(
  { words, config, env, signal }: ScheduledRun,
  commandLine: CommandLine,
): Promise<void> {
  let out = '';
  const io: Io = {
    ...{ cwd: config.folder, env, screen: null, terminal: null },
    stdin: async () => '',
    out: (text) => {
      out = `${out}${text}`.slice(0, KEPT_CHARACTERS);
    },
    err: () => {},
    onSignal: (handler) => {
      const stop = (): void => handler('SIGTERM');
      // A cancel may have come before the command listens.
      if (signal.aborted) queueMicrotask(stop);
      signal.addEventListener('abort', stop, { once: true });
      return { [Symbol.dispose]: () => signal.removeEventListener('abort', stop) };
    },
    exitNow: (code) => process.exit(code),
  };
  const exitCode = await commandLine.run([...words, '--json', '--config', config.file], io);
  if (signal.aborted) throw new PlumbError('CANCELLED', 'the job was cancelled');
  if (exitCode === 0) return;
  const { command } = await commandLine.read(words);
  throw commandFailed({ command, words, exitCode, out });
}

interface Failed {
  readonly command: string;
  readonly words: readonly string[];
  readonly exitCode: number;
  readonly out: string;
}

function commandFailed({ command, words, exitCode, out }: Failed): PlumbError {
  const { code = null, message = out } = errorIn(out);
  const publicMessage = `${command} ended with exit code ${exitCode}${code === null ? '' : ` (${code})`}`;
  return new PlumbError('COMMAND_FAILED', `${words.join(' ')} ended with exit code ${exitCode}: ${message}`, {
    details: { exitCode, ...(code === null ? {} : { code }) },
    publicMessage,
  });
}

function errorIn(out: string): { readonly code?: string; readonly message?: string } {
  try {
    return (JSON.parse(out) as { readonly error?: { code: string; message: string } }).error ?? {};
  } catch {
    return {};
  }
}
