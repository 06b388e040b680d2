// The engines whose SQL is kept as goldens: one that is not built says why here.

import type { Project } from '../../schemas/project.ts';
import { createDuckdbCompiler } from '../../src/sql/duckdb/compiler.ts';
import { scanSql } from '../../src/sql/duckdb/scan.ts';
import type { EngineCompiler } from '../../src/sql/engine-compiler.ts';

/** As the project file names them. */
type EngineKind = Project['engine']['kind'];

export interface NotSupported {
  readonly NOT_SUPPORTED: string;
}

const PHYSICAL = new Map([
  ['airport', 'VARCHAR'],
  ['ts', 'TIMESTAMP'],
  ['recorded_at', 'TIMESTAMP_NS'],
  ['delay', 'DOUBLE'],
  ['seats', 'BIGINT'],
]);

/** A kind that is forgotten does not compile. */
export const ENGINES: Readonly<Record<EngineKind, EngineCompiler | NotSupported>> = {
  duckdb: createDuckdbCompiler({
    scan: ({ scan: { source } }, range) => scanSql(source, { paths: [source.path], physical: PHYSICAL }, range),
    pairsPerRow: 128,
  }),
  spark: { NOT_SUPPORTED: 'Spark SQL is not written yet' },
};

export const isSupported = (engine: EngineCompiler | NotSupported): engine is EngineCompiler =>
  !('NOT_SUPPORTED' in engine);
