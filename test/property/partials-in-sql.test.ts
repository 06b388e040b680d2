// Partials that DuckDB computes per key and hop are those that TypeScript makes of the same rows: byte for byte where they are
// exact, and in the value of the aggregate where they are rounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AGGREGATES, type DataType, isFloatType, type Value } from '../../schemas/types.ts';
import { AGGREGATE_RULES, refusedInput } from '../../src/aggregate/aggregate-rules.ts';
import type { AggregateRow } from '../../src/aggregate/algebra.ts';
import { FAILED, type PartialAlgebra, partialAlgebra } from '../../src/aggregate/partial.ts';
import { sessions } from '../../src/aggregate/sessions.ts';
import { hopNumber } from '../../src/aggregate/windows.ts';
import type { Source } from '../../src/catalog/catalog.ts';
import { DuckdbSession } from '../../src/offline/duckdb/session.ts';
import { HOP as HOP_COLUMN, hopOf, partialColumns } from '../../src/sql/duckdb/aggregates/partials.ts';
import { duckdbDialect } from '../../src/sql/duckdb/dialect.ts';
import { typeName } from '../../src/sql/duckdb/names.ts';
import { bytesOf, HOP, INPUT_TYPES, type RandomRow, rowsOf, valuesOf } from './partial-worlds.ts';

const N = 3;

interface Asked {
  readonly name: string;
  readonly algebra: PartialAlgebra<unknown>;
}

/** One algebra of each family that takes the type. */
function askedOf(type: DataType): readonly Asked[] {
  const algebras = AGGREGATES.filter((name) => refusedInput(name, type) === null).map((name) => ({
    name,
    algebra: partialAlgebra(AGGREGATE_RULES[name].algebra({ type, n: N, p: 0.5, hopMicros: HOP }), HOP),
  }));
  const ofRuns = partialAlgebra(sessions('session_count', 3n), HOP) as PartialAlgebra<unknown>;
  const ofRows = partialAlgebra(AGGREGATE_RULES.count.algebra({ type, n: N, p: 0.5, hopMicros: HOP }), HOP);
  return [...algebras, { name: 'sessions', algebra: ofRuns }, { name: 'count of rows', algebra: ofRows }];
}

const source = { createdTimestampColumn: 'c' } as Source;

const isGood = ({ input }: RandomRow): boolean => input !== FAILED && input !== null;

function tableOf(rows: readonly RandomRow[], type: DataType): string {
  const selects = rows.map(({ eventMicros, createdMicros, input }) => {
    // What is in a row that failed does not count.
    const x = duckdbDialect.literal(
      input === FAILED ? ((rows.find(isGood)?.input as Value | undefined) ?? null) : input,
      type,
    );
    return `SELECT CAST(${eventMicros} AS BIGINT) AS ts, CAST(${createdMicros} AS BIGINT) AS created, ${x} AS x, ${input === FAILED} AS f`;
  });
  const none = `SELECT CAST(0 AS BIGINT) AS ts, CAST(0 AS BIGINT) AS created, CAST(NULL AS ${typeName(type)}) AS x, false AS f WHERE false`;
  return [none, ...selects].join('\nUNION ALL\n');
}

/** What the engine returns as our values. */
function plain(value: unknown): Value {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Uint8Array ? Uint8Array.from(value) : (value as Value);
}

async function inSql(session: DuckdbSession, rows: readonly RandomRow[], type: DataType, asked: readonly Asked[]) {
  const columns = asked.map(({ name, algebra }) =>
    partialColumns(algebra.family.kind, { x: xOf(name), type, n: N, source }, 'f'),
  );
  const items = columns.flatMap((sql, i) => sql.map((item, j) => `${item} AS p${i}_${j}`));
  const from = `(SELECT *, ${hopOf(HOP)} AS ${HOP_COLUMN} FROM (${tableOf(rows, type)}))`;
  const found = await session.rows(`SELECT ${[HOP_COLUMN, ...items].join(', ')} FROM ${from} GROUP BY ${HOP_COLUMN}`);
  const partialsOf = (row: Record<string, unknown>) =>
    asked.map(({ algebra }, i) => {
      const partial = algebra.family.create();
      algebra.family.load(
        partial,
        (columns[i] ?? []).map((_, j) => plain(row[`p${i}_${j}`])),
      );
      return partial;
    });
  return new Map(found.map((row) => [String(row[HOP_COLUMN]), partialsOf(row)]));
}

const xOf = (name: string): string => (isOfRows(name) ? '*' : 'x');
const isOfRows = (name: string): boolean => name === 'sessions' || name === 'count of rows';

/** Sessions are of rows, whatever is in them. */
const inputOf = ({ name }: Asked, { input }: RandomRow) => (isOfRows(name) && input !== FAILED ? true : input);

const isRounded = (name: string, type: DataType): boolean =>
  /^(stddev|var)/.test(name) || (isFloatType(type) && (name === 'sum' || name === 'mean'));

function assertNear(got: unknown, want: unknown, scale: number, label: string): void {
  if (!Number.isFinite(scale)) return;
  if (typeof got !== 'number' || typeof want !== 'number') assert.equal(got, want, label);
  else assert.ok(Math.abs(got - want) <= scale, `${label}: ${got}, expected ${want} ± ${scale}`);
}

const toleranceOf = (name: string, rows: readonly RandomRow[]): number => {
  const sizes = rows.map(({ input }) => Math.abs(Number(input === FAILED ? 0 : input)));
  const sum = sizes.reduce((all, size) => all + (name === 'sum' || name === 'mean' ? size : size * size), 0);
  return name.startsWith('stddev') ? Math.sqrt(1e-9 * sum) : 1e-9 * sum + 1e-320;
};

for (const type of INPUT_TYPES) {
  test(`partials of ${type} in SQL`, async () => {
    await using session = await DuckdbSession.open({ memoryBytes: 2 ** 28, threads: 1, files: [], folders: [] });
    const asked = askedOf(type);
    const worlds = fc.sample(rowsOf(valuesOf(type), { failures: true }), { numRuns: 12, seed: 7 });
    for (const rows of worlds) {
      const found = await inSql(session, rows, type, asked);
      const byHop = Map.groupBy(rows, ({ eventMicros }) => String(hopNumber(eventMicros, HOP)));
      assert.deepEqual([...found.keys()].sort(), [...byHop.keys()].sort());
      for (const [hop, own] of byHop) {
        for (const [i, { name, algebra }] of asked.entries()) {
          const want = algebra.family.create();
          for (const row of own) algebra.family.add(want, inputOf({ name, algebra }, row), { ...row, by: null });
          const got = found.get(hop)?.[i] ?? algebra.family.create();
          const label = `${name} of hop ${hop}`;
          if (!isRounded(name, type))
            assert.deepEqual(bytesOf(algebra.family, got), bytesOf(algebra.family, want), label);
          else {
            const window = { startMicros: null, endMicros: 100n };
            const values = [got, want].map((partial) => algebra.finalize(partial, window));
            assertNear(values[0], values[1], toleranceOf(name, own), label);
          }
        }
      }
    }
  });
}

const ROW: AggregateRow = { eventMicros: 5n, createdMicros: null, position: null, by: null };

/** Enough for the packed form, with ranks of many sizes. */
test('a sketch of 30,000 values in SQL', async () => {
  await using session = await DuckdbSession.open({ memoryBytes: 2 ** 28, threads: 1, files: [], folders: [] });
  const input = { x: 'x', type: 'string' as const, n: 1, source };
  for (const name of ['approx_count_distinct', 'approx_percentile'] as const) {
    const type: DataType = name === 'approx_percentile' ? 'float64' : 'string';
    const algebra = partialAlgebra(AGGREGATE_RULES[name].algebra({ type, n: null, p: 0.5, hopMicros: HOP }), HOP);
    const x = type === 'string' ? "'user ' || i" : 'CAST(i AS DOUBLE) * 1.37e0 - 9000';
    const columns = partialColumns(algebra.family.kind, { ...input, type }, null);
    const row = await session.row(
      `SELECT ${columns.map((sql, j) => `${sql} AS p${j}`).join(', ')} FROM (SELECT ${x} AS x, CAST(5 AS BIGINT) AS ts, CAST(0 AS BIGINT) AS ${HOP_COLUMN} FROM range(30000) t(i)) GROUP BY ${HOP_COLUMN}`,
    );
    const got = algebra.family.create();
    algebra.family.load(
      got,
      columns.map((_, j) => plain(row[`p${j}`])),
    );
    const want = algebra.family.create();
    for (let i = 0; i < 30_000; i += 1)
      algebra.family.add(want, type === 'string' ? `user ${i}` : i * 1.37 - 9000, ROW);
    assert.deepEqual(bytesOf(algebra.family, got), bytesOf(algebra.family, want), name);
  }
});
