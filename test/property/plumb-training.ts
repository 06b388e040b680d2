// A random world through Plumb's real plan and engine, compared with the oracle.
import type { DefinitionsInput } from '../../schemas/builders.ts';
import type { EngineLimits } from '../../src/offline/duckdb/session.ts';
import type { Cell, Row } from '../../src/testing/index.ts';
import { evaluateFeatures } from '../../src/testing/index.ts';
import { compareTraining } from '../oracle/compare.ts';
import { expectedTraining } from '../oracle/naive-evaluator.ts';
import type { Table, World } from '../oracle/world.ts';

/** Joined and grouped as usual, or every key through the frames. */
export const STRATEGIES: Readonly<Record<string, EngineLimits>> = {
  'joined where light': { memoryBytes: 2 ** 30, threads: 1 },
  'framed always': { memoryBytes: 2 ** 30, threads: 1, pairsPerRow: 0 },
};

/** Undefined where Plumb agrees with the oracle, else what differs. */
export async function trainingMismatch(world: World, limits: EngineLimits): Promise<string | undefined> {
  const want = expectedTraining(world);
  try {
    const rows = await evaluateFeatures(evaluationOf(world), limits);
    return compareTraining(want, {
      columns: want.columns,
      rows: rows.map((row) => want.columns.map((name) => row[name])),
    });
  } catch (error) {
    if (want.error !== undefined && isInvalidValue(error)) return undefined;
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const isInvalidValue = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'INVALID_VALUE';

export const evaluationOf = (world: World) => ({
  definitions: world.definitions as DefinitionsInput,
  tables: Object.fromEntries(Object.entries(world.tables).map(([name, table]) => [name, rowsOf(table)])),
  service: world.service,
  at: rowsOf(world.labels),
  timestampColumn: world.labels.timestampColumn,
  ...(world.builtAt === undefined ? {} : { builtAt: world.builtAt }),
});

/** Cases write integers beyond 2^53 as text; files hold them as numbers with all digits. */
function rowsOf(table: Table): readonly Row[] {
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map(([name, type], i) => [name, cellOf(row[i] as Cell, type)])),
  );
}

function cellOf(value: Cell, type: string): Cell {
  if (Array.isArray(value)) return value.map((item: Cell) => cellOf(item, type.slice('list<'.length, -1)));
  return typeof value === 'string' && /^int(32|64)$/.test(type) ? BigInt(value) : value;
}
