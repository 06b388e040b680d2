// k6: check, fail, group, sleep, randomSeed.
import { addSample, recording } from '../recording.ts';

type Checks = Readonly<Record<string, (value: unknown) => unknown>>;

export function check(value: unknown, checks: Checks): boolean {
  if (recording.phase === 'init') throw new Error('check: not in the init context');
  const outcomes = Object.entries(checks).map(([name, holds]) => {
    const passed = Boolean(holds(value));
    const count = recording.checks.get(name) ?? { passes: 0, fails: 0 };
    recording.checks.set(name, { passes: count.passes + (passed ? 1 : 0), fails: count.fails + (passed ? 0 : 1) });
    addSample('checks', 'rate', passed ? 1 : 0);
    return passed;
  });
  return outcomes.every((passed) => passed);
}

export function fail(message = ''): never {
  throw new Error(message);
}

export const group = <T>(_name: string, inside: () => T): T => inside();
/** Nobody is kept waiting by a script that runs once. */
export const sleep = (_seconds: number): void => {};
export const randomSeed = (_seed: number): void => {};
export default { check, fail, group, sleep, randomSeed };
