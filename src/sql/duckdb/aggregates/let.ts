// Small pieces of SQL that say a value once.

/** `body` with `name` for the value of `sql`, which is computed once. */
export const letIn = (sql: string, name: string, body: string): string =>
  `list_transform([${sql}], lambda ${name}: ${body})[1]`;

/** A float64 literal; a number with a point alone would be a DECIMAL. */
export const double = (number: number): string => `CAST('${number}' AS DOUBLE)`;
