// Random expressions over random rows: what an engine computes is what the reference walk over the tree says, value for
// value and failure for failure. Set EXPRESSION_RUNS for more of them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Value } from '../../schemas/types.ts';
import type { Expression } from '../../src/catalog/expression.ts';
import { type ByEngine, NO_SPARK, testInEngines } from '../support/engines.ts';
import { DuckdbBench, type ExpressionBench } from './duckdb-bench.ts';
import { COLUMNS, row, sqlText } from './random-sql.ts';
import { evaluate } from './reference.ts';
import { FAILED, type Outcome } from './reference-outcome.ts';

const RUNS = Number(process.env.EXPRESSION_RUNS ?? 150);

const BENCHES: ByEngine<{ open(): Promise<ExpressionBench> }> = { duckdb: DuckdbBench, spark: NO_SPARK };

testInEngines(BENCHES, `agrees with the reference (${RUNS} tables of expressions)`, async (engine) => {
  using parser = await DuckdbBench.open();
  using bench = await engine.open();
  const seen = { outcomes: 0, nulls: 0, failures: 0, refused: 0, expressions: 0 };
  const worlds = fc.tuple(
    fc.array(sqlText, { minLength: 8, maxLength: 8 }),
    fc.array(row, { minLength: 25, maxLength: 25 }),
  );
  await fc.assert(
    fc.asyncProperty(worlds, async ([texts, rows]) => {
      const results = await parser.compiler.compile(texts.map((sql) => ({ sql, columns: COLUMNS })));
      const expressions = results.flatMap((result) => (result.ok ? [result.expression] : []));
      seen.refused += results.length - expressions.length;
      seen.expressions += expressions.length;
      await bench.createTable('world', COLUMNS, rows);
      const outcomes = await bench.evaluate(expressions, 'world');
      for (const [i, expression] of expressions.entries()) {
        const expected = rows.map((values) => reference(expression, values));
        seen.outcomes += expected.length;
        seen.nulls += expected.filter((outcome) => outcome === null).length;
        seen.failures += expected.filter((outcome) => outcome === FAILED).length;
        assert.deepEqual(outcomes[i], expected, `${expression.sql}\n${expression.type}`);
        assert(expression.canFail || !expected.includes(FAILED), expression.sql);
      }
    }),
    { numRuns: RUNS },
  );
  // The draw is worth something: most is accepted, failures and nulls occur but do not drown the values.
  assert(seen.refused < seen.expressions / 10, JSON.stringify(seen));
  assert(seen.failures > seen.outcomes / 50 && seen.nulls > seen.outcomes / 50, JSON.stringify(seen));
  assert(seen.failures + seen.nulls < seen.outcomes * 0.8, JSON.stringify(seen));
});

function reference({ tree }: Expression, values: readonly Value[]): Outcome {
  return evaluate(tree, new Map([...COLUMNS.keys()].map((name, i) => [name, values[i] ?? null])));
}
