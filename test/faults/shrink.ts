// A failing history made smaller: without a round, an act or a harm it must still fail in the same way. Real processes do not
// do the same twice, so what fails is tried more than once, and the number of runs is bounded.
import { checkHistory } from './check-history.ts';
import type { Violation } from './checks/violation.ts';
import { execute } from './execute.ts';
import type { Act, History } from './history.ts';

const TRIES = 2;

/** The smallest that was found within so many runs. `onStep` is told of each that is smaller. */
export async function shrink(
  history: History,
  check: string,
  runs: number,
  onStep: (smaller: History) => void = () => {},
  play: (candidate: History) => Promise<readonly Violation[]> = violationsOf,
): Promise<History> {
  let left = runs;
  const fails = async (candidate: History): Promise<boolean> => {
    for (let tries = 0; tries < TRIES && left > 0; tries += 1) {
      left -= 1;
      if ((await play(candidate)).some((violation) => violation.check === check)) return true;
    }
    return false;
  };
  let smallest = history;
  for (let isSmaller = true; isSmaller && left > 0; ) {
    isSmaller = false;
    for (const candidate of smallerOnes(smallest)) {
      if (left <= 0 || !(await fails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      onStep(smallest);
      break;
    }
  }
  return smallest;
}

/** A history that cannot even be played fails too. */
export async function violationsOf(history: History): Promise<readonly Violation[]> {
  try {
    return checkHistory(await execute(history));
  } catch (error) {
    return [{ check: 'played', message: error instanceof Error ? `${error.stack}` : String(error) }];
  }
}

/** The greatest pieces first. */
export function smallerOnes(history: History): readonly History[] {
  const { rounds } = history;
  const withRounds = (next: readonly (readonly Act[])[]): History => ({
    ...history,
    rounds: next.filter((acts) => acts.length > 0),
  });
  const replaced = (round: number, acts: readonly Act[]) =>
    withRounds(rounds.map((own, i) => (i === round ? acts : own)));
  const rounded = rounds.map((_, round) => withRounds(rounds.filter((_, i) => i !== round)));
  const acted = rounds.flatMap((acts, round) =>
    acts.length < 2
      ? []
      : acts.map((_, at) =>
          replaced(
            round,
            acts.filter((_, i) => i !== at),
          ),
        ),
  );
  const unharmed = rounds.flatMap((acts, round) =>
    acts.flatMap((act, at) =>
      act.action.kind === 'command' && act.action.harm !== null
        ? [
            replaced(
              round,
              acts.map((own, i) =>
                i === at ? { ...own, action: { ...act.action, harm: null } as Act['action'] } : own,
              ),
            ),
          ]
        : [],
    ),
  );
  return rounds.length > 1 ? [...rounded, ...acted, ...unharmed] : [...acted, ...unharmed];
}
