// What a plan compiles to: named steps, in order, and the SELECT that yields the result.
export interface Step {
  /** The table or view that the step makes. */
  readonly name: string;
  /** What it holds, in a few words, for `--explain`. */
  readonly purpose: string;
  /** The whole statement. */
  readonly sql: string;
  /** Holds keys that nobody is to read: `--explain` leaves the statement out. */
  readonly isPrivate?: boolean;
}

export interface Script {
  readonly steps: readonly Step[];
  /** SELECT over the tables of the steps. */
  readonly result: string;
  /** One line per view: which physical strategy, and why. */
  readonly strategy: readonly string[];
}

/** A part of a script: its steps and the table that holds its outcome. */
export interface Fragment {
  readonly steps: readonly Step[];
  readonly table: string;
  readonly strategy: string;
}

/** The statements, each under what it is for. */
export const explainedSteps = ({ steps, result }: Script): readonly string[] => [
  ...steps.map(({ purpose, sql, isPrivate = false }) => `-- ${purpose}\n${isPrivate ? '-- (not shown)' : sql}`),
  `-- result\n${result}`,
];

export const commas = (items: readonly string[]): string => items.join(', ');
export const ands = (items: readonly string[]): string => items.join(' AND ');
