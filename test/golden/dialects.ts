// What a golden test runs for every dialect of SQL; one that is not built says so here.

import type { CompileContext } from '../../src/sql/context.ts';
import { duckdbDialect } from '../../src/sql/duckdb/dialect.ts';
import { scanSql } from '../../src/sql/duckdb/scan.ts';

export const NOT_SUPPORTED = 'NOT_SUPPORTED';

const PHYSICAL = new Map([
  ['airport', 'VARCHAR'],
  ['ts', 'TIMESTAMP'],
  ['recorded_at', 'TIMESTAMP_NS'],
  ['delay', 'DOUBLE'],
  ['seats', 'BIGINT'],
]);

export const DIALECTS: Readonly<Record<string, CompileContext | typeof NOT_SUPPORTED>> = {
  duckdb: {
    dialect: duckdbDialect,
    scan: ({ scan: { source } }, range) => scanSql(source, { paths: [source.path], physical: PHYSICAL }, range),
    pairsPerRow: 128,
  },
  spark: NOT_SUPPORTED,
};
