// Limits of one expression. A definition within them can be parsed, printed and run by every engine.

/** UTF-16 code units of the text. */
export const MAX_TEXT_LENGTH = 10_000;
/** Operators and functions inside one another. DuckDB's own limit is 1,000 levels of what is printed: a few for each. */
export const MAX_NESTING = 150;
/** The parser copies the operand of `CASE x WHEN …` into each branch: inside one another the copies multiply. */
export const MAX_NESTED_CASE_OPERANDS = 2;
