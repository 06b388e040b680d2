// The ExpressionCompiler over DuckDB's parser. It only parses: nothing of a user's text is ever run.
import { PlumbError } from '../../../schemas/errors.ts';
import type { ExpressionCompiler, ExpressionResult } from '../../catalog/expression.ts';
import { parserInput } from '../../definitions/typing/syntax-mistakes.ts';
import { textMistake, typeExpression } from '../../definitions/typing/type-expression.ts';
import { printFallible } from '../../sql/duckdb/expression.ts';

/** Runs a prepared statement; rows by column name. */
export type PreparedQuery = (
  sql: string,
  params: readonly string[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** `$1`: the texts as a JSON array. One row per text, in order. */
const PARSE = `
  SELECT json_serialize_sql(text) AS tree
  FROM (SELECT unnest(texts) AS text, generate_subscripts(texts, 1) AS position FROM (SELECT from_json($1::VARCHAR, '["VARCHAR"]') AS texts))
  ORDER BY position`;

export function createDuckdbExpressionCompiler(query: PreparedQuery): ExpressionCompiler {
  return {
    async compile(requests) {
      const mistakes = requests.map(({ sql }) => textMistake(sql));
      const trees = await parse(
        query,
        requests.filter((_, i) => mistakes[i] === null).map(({ sql }) => sql),
      );
      let next = 0;
      return requests.map((request, i): ExpressionResult => {
        const mistake = mistakes[i];
        return mistake ? { ok: false, mistake } : printable(typeExpression(request, trees[next++] ?? ''));
      });
    },
  };
}

async function parse(query: PreparedQuery, texts: readonly string[]): Promise<readonly string[]> {
  if (texts.length === 0) return [];
  const rows = await query(PARSE, [JSON.stringify(texts.map(parserInput))]);
  return rows.map((row) => String(row.tree));
}

/** An expression whose SQL would be too large is refused when definitions are loaded, not when they are used. */
function printable(result: ExpressionResult): ExpressionResult {
  if (!result.ok) return result;
  try {
    printFallible(result.expression, (name) => name);
    return result;
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'TOO_LARGE') throw error;
    return {
      ok: false,
      mistake: {
        found: 'an expression too complex to compute',
        expected: 'an expression with fewer functions inside one another',
        nearest: null,
      },
    };
  }
}
