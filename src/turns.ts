// Long work in turns: between two of them the event loop serves others.
import { setImmediate as nextTurn } from 'node:timers/promises';

export { nextTurn };

/** Runs steps to their end, with a turn for others after each. */
export async function inTurns<T>(steps: Iterator<undefined, T>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** At once: for what is known to be short. */
export function atOnce<T>(steps: Iterator<undefined, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
