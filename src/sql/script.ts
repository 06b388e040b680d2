// What a plan compiles to: named steps that fill temporary tables, in order, and the SELECT that yields the result.
export interface Step {
  /** The table or view that the step makes. */
  readonly name: string;
  /** What it holds, in a few words, for `--explain`. */
  readonly purpose: string;
  readonly sql: string;
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

export const table = (name: string, purpose: string, select: string): Step => ({
  name,
  purpose,
  sql: `CREATE TEMP TABLE ${name} AS\n${select}`,
});

export const view = (name: string, purpose: string, select: string): Step => ({
  name,
  purpose,
  sql: `CREATE TEMP VIEW ${name} AS\n${select}`,
});

export const commas = (items: readonly string[]): string => items.join(', ');
export const ands = (items: readonly string[]): string => items.join(' AND ');
