// What one check of `plumb doctor` found.
export interface Check {
  readonly name: string;
  readonly outcome: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; null where nothing is. */
  readonly advice: string | null;
}

export type Finding = Omit<Check, 'name'>;

export const ok = (found: string): Finding => ({ outcome: 'ok', found, advice: null });
export const warn = (found: string, advice: string): Finding => ({ outcome: 'warn', found, advice });
export const fail = (found: string, advice: string | null): Finding => ({ outcome: 'fail', found, advice });
