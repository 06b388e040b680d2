// Port: the command line as a whole, for what runs commands by themselves.
import type { Io } from './io.ts';

export interface CommandLine {
  /** The command that the words name, such as `dataset create`, and whether they name a project file. Rejects where the parser refuses them; runs nothing. */
  read(words: readonly string[]): Promise<{ readonly command: string; readonly namesProject: boolean }>;
  /** Resolves with the exit code. */
  run(words: readonly string[], io: Io): Promise<number>;
}
