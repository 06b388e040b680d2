// Commands for which the modes of folders count, even where the tests run as root. Root keeps its user and loses only the
// capabilities by which it opens every folder: so programs and projects stay within reach, wherever they lie. (Another
// user could not enter a clone, or a temporary folder, below a folder of mode 700.)
import { spawnSync } from 'node:child_process';

const SETPRIV = [
  'setpriv',
  '--inh-caps=-dac_override,-dac_read_search',
  '--bounding-set=-dac_override,-dac_read_search',
  '--',
] as const;

const isRoot = process.getuid?.() === 0;

/** The command with its arguments, to be run as one that modes bind. */
export const unprivileged = (command: readonly string[]): readonly string[] =>
  isRoot ? [...SETPRIV, ...command] : command;

/** Why it cannot be done here; null where it can. */
export function whyPrivileged(): string | null {
  const [program = '', ...args] = unprivileged([process.execPath, '--version']);
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? null : `root cannot give up its privileges here: ${(stderr ?? String(error)).trim()}`;
}
