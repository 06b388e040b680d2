// The algebra of aggregates: any split of any rows, merged in any order, is what the naive evaluator says of all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AGGREGATES,
  type Aggregate,
  type DataType,
  type SessionAggregate,
  structType,
  type Value,
} from '../../schemas/types.ts';
import { AGGREGATE_RULES, refusedInput } from '../../src/aggregate/aggregate-rules.ts';
import { type AggregateRow, INVALID, type Outcome } from '../../src/aggregate/algebra.ts';
import { byKey } from '../../src/aggregate/by-key.ts';
import { firstRow, lastRow } from '../../src/aggregate/ends.ts';
import { FAILED, type PartialAlgebra, partialAlgebra } from '../../src/aggregate/partial.ts';
import { sessions } from '../../src/aggregate/sessions.ts';
import { orderOfValues } from '../../src/aggregate/value-order.ts';
import { ByteReader } from '../../src/byte-reader.ts';
import { type Aggregated, aggregate, OverflowError } from '../oracle/aggregates.ts';
import { sessionValues } from '../oracle/sessions.ts';
import { compareValues, type Value as OracleValue } from '../oracle/values.ts';
import {
  bytesOf,
  combined,
  forOracle,
  HOP,
  INPUT_TYPES,
  isInWindow,
  plans,
  type RandomRow,
  rowsOf,
  valuesOf,
  WINDOW,
} from './partial-worlds.ts';

const RUNS = { numRuns: 150 };
const N = 3;
const PERCENTILES = [0.01, 0.5, 0.95];

interface Asked {
  readonly aggregate: Aggregate;
  readonly type: DataType;
  readonly p: number;
}

const algebraOf = ({ aggregate: name, type, p }: Asked): PartialAlgebra<unknown> =>
  partialAlgebra(AGGREGATE_RULES[name].algebra({ type, n: N, p, hopMicros: HOP }), HOP);

/** Tiles hold rows of the window only. */
const rowsFor = ({ family }: PartialAlgebra<unknown>, rows: readonly RandomRow[]): readonly RandomRow[] =>
  family.scope === 'tile' ? rows.filter(isInWindow) : rows;

/** What the naive evaluator says of rows, all of them in the window. */
function expected({ aggregate: name, type, p }: Asked, rows: readonly RandomRow[]): Aggregated | typeof INVALID {
  if (rows.some(({ input }) => input === FAILED)) return INVALID;
  const inputs = rows.map(({ eventMicros, createdMicros, input }) => ({
    eventTime: eventMicros,
    created: createdMicros,
    value: forOracle(type, input as Value),
  }));
  try {
    return aggregate(name, type, inputs, AGGREGATE_RULES[name].parameter === 'p' ? p : N);
  } catch (error) {
    if (error instanceof OverflowError) return INVALID;
    throw error;
  }
}

function assertIs(got: Outcome, want: Aggregated | typeof INVALID, type: DataType): void {
  if (want === INVALID || got === INVALID) assert.equal(got, want);
  else if (want.tolerance === 0 || want.value === null || got === null) {
    if (want.tolerance !== Infinity) assert.deepEqual(forOracle(type, got), want.value);
  } else {
    const distance = Math.abs(Number(got) - Number(want.value));
    assert.ok(distance <= want.tolerance, `${String(got)}, expected ${String(want.value)} ± ${want.tolerance}`);
  }
}

/** Sessions, and first_row and last_row, which are of rows, have tests of their own. */
const OF_VALUES = AGGREGATES.filter((name) => !['none', 'row'].includes(AGGREGATE_RULES[name].input));

for (const name of OF_VALUES) {
  const types = INPUT_TYPES.filter((type) => refusedInput(name, type) === null);
  test(`${name}: any split, merged in any order, through bytes or not`, () => {
    const world = fc.constantFrom(...types).chain((type) =>
      fc.record({
        asked: fc.record({ aggregate: fc.constant(name), type: fc.constant(type), p: fc.constantFrom(...PERCENTILES) }),
        rows: rowsOf(valuesOf(type), { failures: true }),
      }),
    );
    fc.assert(
      fc.property(world, plans, ({ asked, rows }, plan) => {
        const algebra = algebraOf(asked);
        const partial = combined(algebra, rowsFor(algebra, rows), plan);
        const inWindow = rows.filter(isInWindow);
        const want = expected(asked, inWindow);
        const type = AGGREGATE_RULES[name].result(asked.type);
        assertIs(algebra.finalize(partial, WINDOW), want, type);
        assert.equal(
          algebra.holds(partial, WINDOW),
          inWindow.some(({ input }) => input !== null),
        );
      }),
      RUNS,
    );
  });

  test(`${name}: the bytes are a function of the rows, and are read back`, () => {
    const isFloating = (type: DataType): boolean => /^(sum|mean|stddev|var)/.test(name) && type.startsWith('float');
    const isRounded = (type: DataType): boolean => isFloating(type) || /^(stddev|var)/.test(name);
    const world = fc
      .constantFrom(...types)
      .chain((type) => fc.tuple(fc.constant(type), rowsOf(valuesOf(type), { failures: true, isStream: true })));
    fc.assert(
      fc.property(world, plans, plans, ([type, rows], plan, otherPlan) => {
        const { family } = algebraOf({ aggregate: name, type, p: 0.5 });
        const algebra = algebraOf({ aggregate: name, type, p: 0.5 });
        const bytes = bytesOf(family, combined(algebra, rows, plan));
        const read = family.create();
        const reader = new ByteReader(bytes);
        family.read(read, reader);
        reader.requireEnd();
        assert.deepEqual(bytesOf(family, read), bytes);
        if (!isRounded(type)) assert.deepEqual(bytesOf(family, combined(algebra, rows, otherPlan)), bytes);
        for (let length = 0; length < bytes.length; length += 1)
          assert.throws(() => family.read(family.create(), new ByteReader(bytes.subarray(0, length))), {
            code: 'STORAGE_CORRUPT',
          });
      }),
      RUNS,
    );
  });
}

/** In row order, oldest first; rows of a log above those of history, which compare their own values. */
function inRowOrder(rows: readonly RandomRow[], type: DataType): readonly RandomRow[] {
  const keyOf = ({ eventMicros, createdMicros, position, input }: RandomRow): OracleValue => [
    eventMicros,
    createdMicros,
    position === null ? null : [BigInt(position.partition), position.offset],
    forOracle(type, input as Value),
  ];
  return rows.toSorted((a, b) => compareValues(keyOf(a), keyOf(b)));
}

test('first, last and last_n over a stream with history go by partition and offset, history lowest', () => {
  fc.assert(
    fc.property(rowsOf(valuesOf('int64'), { isStream: true }), plans, (rows, plan) => {
      const inWindow = rows.filter((row) => isInWindow(row) && row.input !== null);
      const values = inRowOrder(inWindow, 'int64').map(({ input }) => input);
      const wanted: Partial<Record<Aggregate, unknown>> = {
        first: values[0] ?? null,
        last: values.at(-1) ?? null,
        last_n: values.toReversed().slice(0, N),
      };
      for (const [name, want] of Object.entries(wanted)) {
        const algebra = algebraOf({ aggregate: name as Aggregate, type: 'int64', p: 0.5 });
        const partial = combined(algebra, rowsFor(algebra, rows), plan);
        assert.deepEqual(algebra.finalize(partial, WINDOW), want, name);
      }
    }),
    RUNS,
  );
});

test('first_row and last_row take the row whatever is null in it', () => {
  const types: readonly DataType[] = ['int64', 'string'];
  const columns = fc.tuple(...types.map((type) => fc.option(valuesOf(type), { freq: 2 })));
  fc.assert(
    fc.property(rowsOf(columns), plans, (rows, plan) => {
      const inWindow = rows.filter((row) => isInWindow(row) && row.input !== null);
      const values = inWindow.toSorted((a, b) => orderOfValues(keyOf(a), keyOf(b))).map(({ input }) => input);
      const [oldest, newest] = [firstRow, lastRow].map(({ algebra: of }) => {
        const algebra = of({
          type: structType([
            { name: 'a', type: 'int64' },
            { name: 'b', type: 'string' },
          ]),
          n: null,
          p: null,
          hopMicros: HOP,
        });
        const partial = partialAlgebra(algebra, HOP);
        return partial.finalize(combined(partial, rowsFor(partial, rows), plan), WINDOW);
      });
      assert.deepEqual(oldest, values[0] ?? null);
      assert.deepEqual(newest, values.at(-1) ?? null);
    }),
    RUNS,
  );
});

const keyOf = ({ eventMicros, createdMicros, input }: RandomRow): Value => [eventMicros, createdMicros, input as Value];

test('sessions are those of the rows inside of the window', () => {
  const gaps = fc.constantFrom(1n, 2n, 3n, 7n);
  fc.assert(
    fc.property(rowsOf(fc.constant(true)), gaps, plans, (rows, gap, plan) => {
      const inWindow = rows.filter((row) => isInWindow(row) && row.input !== null);
      const wanted = sessionValues(
        inWindow.map(({ eventMicros }) => eventMicros),
        gap,
        WINDOW.endMicros,
      );
      for (const [name, want] of Object.entries(wanted)) {
        const algebra = partialAlgebra(sessions(name as SessionAggregate, gap), HOP);
        const partial = combined(algebra, rowsFor(algebra, rows), plan);
        assert.deepEqual(algebra.finalize(partial, WINDOW), want, name);
      }
    }),
    { numRuns: 300 },
  );
});

test('by: each key has what its own rows have; a key without a value is not there', () => {
  const names = ['count', 'sum', 'last', 'last_n', 'count_distinct', 'approx_percentile'] as const;
  const tops = fc.constantFrom(null, 1, 2, 100);
  fc.assert(
    fc.property(fc.constantFrom(...names), rowsOf(valuesOf('int64')), tops, plans, (name, rows, top, plan) => {
      const asked: Asked = { aggregate: name, type: 'int64', p: 0.5 };
      const inner = AGGREGATE_RULES[name].algebra({ type: 'int64', n: N, p: 0.5, hopMicros: HOP });
      const [whole, keys] = [false, true].map((asKeys) => {
        const algebra = partialAlgebra(byKey(inner, { top, asKeys }), HOP);
        return algebra.finalize(combined(algebra, rowsFor(algebra, rows), plan), WINDOW);
      });
      const want = mapOf(asked, rows.filter(isInWindow), top);
      if (want === INVALID) assert.equal(whole, INVALID);
      else {
        assert.deepEqual(whole, want);
        assert.deepEqual(
          keys,
          want.map(([key]) => key),
        );
      }
    }),
    { numRuns: 300 },
  );
});

type Entry = readonly [key: string, value: OracleValue];

function mapOf(asked: Asked, rows: readonly RandomRow[], top: number | null): readonly Entry[] | typeof INVALID {
  const keyed = rows.filter(({ by, input }) => by !== null && input !== null);
  const entries: Entry[] = [];
  for (const [key, own] of Map.groupBy(keyed, ({ by }) => by as string)) {
    const value = expected(asked, own);
    if (value === INVALID) return INVALID;
    entries.push([key, value.value]);
  }
  entries.sort(([a], [b]) => compareValues(a, b));
  if (top === null) return entries;
  return entries.sort((a, b) => compareValues(b[1], a[1])).slice(0, top);
}

const at = (eventMicros: bigint): AggregateRow => ({ eventMicros, createdMicros: null, position: null, by: null });

test('a row that failed makes a value INVALID until the window has left its hop', () => {
  const algebra = algebraOf({ aggregate: 'last', type: 'int64', p: 0.5 });
  const partial = algebra.family.create();
  algebra.family.add(partial, FAILED, at(15n));
  algebra.family.add(partial, 7n, at(31n));
  const from = (startMicros: bigint | null) => algebra.finalize(partial, { startMicros, endMicros: 40n });
  assert.deepEqual([from(null), from(10n), from(20n), from(40n)], [INVALID, INVALID, 7n, null]);
});
