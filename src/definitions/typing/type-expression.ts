// From the text of an expression and DuckDB's parse of it to the typed tree, or to the mistake that a user reads.
import type { ExpressionMistake, ExpressionRequest, ExpressionResult } from '../../catalog/expression.ts';
import { canFail } from '../../catalog/expression-failure.ts';
import { convertExpression } from './convert.ts';
import { MAX_NESTED_CASE_OPERANDS, MAX_TEXT_LENGTH } from './limits.ts';
import { nestedCaseOperands } from './nested-cases.ts';
import { frozen } from './nodes.ts';
import { soleExpression } from './parsed-sql.ts';
import { Refusal } from './refusal.ts';
import { ONE_EXPRESSION } from './syntax-mistakes.ts';

/** Mistakes of the text alone; such a text must not reach the parser. */
export function textMistake(sql: string): ExpressionMistake | null {
  if (sql.trim() === '') return mistake('an empty text', ONE_EXPRESSION);
  if (sql.length > MAX_TEXT_LENGTH) return mistake(`${sql.length} characters`, `at most ${MAX_TEXT_LENGTH}`);
  if (sql.includes('\0')) return mistake('a NUL character', ONE_EXPRESSION);
  if (!sql.isWellFormed()) return mistake('half of a surrogate pair', 'well-formed Unicode');
  if (nestedCaseOperands(sql) > MAX_NESTED_CASE_OPERANDS)
    return mistake('CASE … WHEN inside the operand of others', 'CASE WHEN <condition> THEN …');
  return null;
}

const mistake = (found: string, expected: string): ExpressionMistake => ({ found, expected, nearest: null });

export function typeExpression({ sql, columns }: ExpressionRequest, serialized: string): ExpressionResult {
  try {
    const tree = convertExpression(soleExpression(serialized, sql), columns);
    if (tree.type === 'null') throw new Refusal('nothing but NULL', 'a typed value, such as CAST(NULL AS float64)');
    return { ok: true, expression: frozen({ sql, type: tree.type, tree, canFail: canFail(tree) }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { found, expected, nearest } = error;
    return { ok: false, mistake: { found, expected, nearest } };
  }
}
