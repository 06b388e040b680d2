// What a check found wrong.
export interface Violation {
  /** The check, so that a smaller history can be told to fail in the same way. */
  readonly check: string;
  readonly message: string;
}

export const violation = (check: string, message: string): Violation => ({ check, message });
