// The engines whose SQL is kept as goldens.
import { createDuckdbCompiler } from '../../src/sql/duckdb/compiler.ts';
import { scanSql } from '../../src/sql/duckdb/scan.ts';
import type { EngineCompiler } from '../../src/sql/engine-compiler.ts';
import { type ByEngine, NO_SPARK } from '../support/engines.ts';

const PHYSICAL = new Map([
  ['airport', 'VARCHAR'],
  ['ts', 'TIMESTAMP'],
  ['recorded_at', 'TIMESTAMP_NS'],
  ['delay', 'DOUBLE'],
  ['seats', 'BIGINT'],
]);

export const COMPILERS: ByEngine<EngineCompiler> = {
  duckdb: createDuckdbCompiler({
    scan: ({ scan: { source } }, range) => scanSql(source, { paths: [source.path], physical: PHYSICAL }, range),
    pairsPerRow: 128,
  }),
  spark: NO_SPARK,
};
