// What the contract of the project file cannot see of its schedules.
import { type ContractMistake, show } from '../contract-mistakes.ts';
import { EXPECTED_CRON, isCron } from '../cron.ts';

export type CommandProblem = Pick<ContractMistake, 'found' | 'expected' | 'nearest'>;

/** What is wrong with a command that a schedule would run; null: nothing. */
export type CheckCommand = (run: string) => Promise<CommandProblem | null>;

/** `schedules`: as they were written, whatever the contract says of them: what it refuses is passed over here. */
export async function scheduleMistakes(
  schedules: unknown,
  checkCommand: CheckCommand,
): Promise<readonly ContractMistake[]> {
  if (!Array.isArray(schedules)) return [];
  const mistakes: ContractMistake[] = [];
  const names = schedules.map((entry: unknown) => textOf(entry, 'name'));
  for (const [i, entry] of schedules.entries()) {
    const add = (key: string, problem: CommandProblem): void =>
      void mistakes.push({ kind: 'value', path: ['schedules', i, key], ...problem });
    const [name, cron, run] = [names[i] ?? null, textOf(entry, 'cron'), textOf(entry, 'run')];
    if (name !== null && names.indexOf(name) < i) add('name', wrong(name, 'every name of a schedule once'));
    if (cron !== null && !isCron(cron)) add('cron', wrong(cron, EXPECTED_CRON));
    const problem = run === null ? null : await checkCommand(run);
    if (problem !== null) add('run', problem);
  }
  return mistakes;
}

const wrong = (found: string, expected: string): CommandProblem => ({ found: show(found), expected, nearest: null });

function textOf(entry: unknown, key: string): string | null {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, key) : undefined;
  return typeof value === 'string' ? value : null;
}
