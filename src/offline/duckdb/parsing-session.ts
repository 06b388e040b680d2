// The expression compiler over a DuckDB instance of its own that can read nothing; opened for each batch.
import type { ExpressionCompiler } from '../../catalog/expression.ts';
import { createDuckdbExpressionCompiler } from './expression-compiler.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';

export function createParser(limits: EngineLimits): ExpressionCompiler {
  return createDuckdbExpressionCompiler(async (sql, parameters) => {
    await using session = await DuckdbSession.open({ ...limits, files: [], folders: [] });
    return await session.prepared(sql, parameters);
  });
}
