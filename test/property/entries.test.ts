// Entries of continuous aggregate views: for any rows, any frontiers on the way and any instant from the frontier on, what is read
// of the bytes is what the naive evaluator says of the window [floor(A - w, hop), A) over all rows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AGGREGATES, type DataType, type Value } from '../../schemas/types.ts';
import { AGGREGATE_RULES, refusedInput } from '../../src/aggregate/aggregate-rules.ts';
import { FAILED, type Input } from '../../src/aggregate/partial.ts';
import { advance, type Entry, type EntryRow, emptyEntry } from '../../src/online/entry/entry.ts';
import { compileEntryCodec, type EntryCodec } from '../../src/online/entry/entry-codec.ts';
import {
  type EntryDefinition,
  type EntryFeature,
  type EntryLayout,
  entryLayout,
} from '../../src/online/entry/entry-layout.ts';
import { absentEntry, compileEntryReader } from '../../src/online/entry/entry-reader.ts';
import { mergeRows, newEntry } from '../../src/online/entry/merge-rows.ts';
import { inWindow, mismatch, wanted } from './naive-entries.ts';

const MIB = 2 ** 20;
const CELLS: readonly DataType[] = ['int64', 'float64', 'string', 'bool', 'bool'];
const [INT, FLOAT, KEY, PASSES] = [0, 1, 2, 3];
const SESSIONS = ['session_count', 'session_events_mean', 'session_seconds_last', 'session_open_events'] as const;

const orNull = <T>(arbitrary: fc.Arbitrary<T>, freq = 3) => fc.option(arbitrary, { freq });

/** Hops of a view divide one another; windows are no shorter than their hop, and may have coarser hops than longer ones. */
const spans = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(5n, 10n, 20n), fc.constantFrom(20n, 23n, 50n, 100n)) },
  { weight: 1, arbitrary: fc.constant([null, null] as const) },
);

const names = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...AGGREGATES) },
  { weight: 1, arbitrary: fc.constantFrom(...SESSIONS) },
);

const feature: fc.Arbitrary<EntryFeature> = fc
  .tuple(
    names,
    fc.constantFrom(INT, FLOAT, KEY, 4),
    spans,
    fc.record({
      where: orNull(fc.constant(PASSES as number)),
      offsetMicros: fc.constantFrom(0n, 0n, 0n, 0n, 10n, 15n),
      n: fc.integer({ min: 1, max: 4 }),
      p: fc.constantFrom(0.1, 0.5, 0.95),
      by: orNull(
        fc.record({
          cell: fc.constant(KEY as number),
          top: orNull(fc.integer({ min: 1, max: 2 })),
          asKeys: fc.boolean(),
        }),
        2,
      ),
      ofRows: fc.boolean(),
    }),
  )
  .map(([aggregate, cell, [hopMicros, widthMicros], { where, offsetMicros, n, p, by, ofRows }]) => {
    const isSession = aggregate.startsWith('session_');
    const rule = isSession ? null : AGGREGATE_RULES[aggregate as keyof typeof AGGREGATE_RULES];
    const takes =
      rule !== null &&
      refusedInput(aggregate as keyof typeof AGGREGATE_RULES, CELLS[cell as number] as DataType) === null;
    const needsBound = rule?.needsBound === true && widthMicros === null;
    return {
      ...{ aggregate, where },
      // Which of two values that are rounded is greater, when they are nearly equal, is open.
      by: by !== null && /^(stddev|var|mean|sum)/.test(aggregate) ? { ...by, top: null } : by,
      input: isSession || (aggregate === 'count' && ofRows) ? null : takes ? (cell as number) : (INT as number),
      n: rule?.parameter === 'n' ? n : null,
      p: rule?.parameter === 'p' ? p : null,
      gapMicros: isSession ? 3n : null,
      widthMicros: needsBound ? 50n : widthMicros,
      hopMicros: needsBound ? 10n : hopMicros,
      offsetMicros: widthMicros === null ? 0n : offsetMicros,
    };
  });

/** The same over several windows, which share a slot. */
const variants: fc.Arbitrary<readonly EntryFeature[]> = fc
  .tuple(feature, fc.array(fc.tuple(spans, fc.integer({ min: 1, max: 4 })), { maxLength: 2 }))
  .map(([first, others]) => [
    first,
    ...others.map(([[hopMicros, widthMicros], n]) => ({
      ...first,
      ...(widthMicros === null ? {} : { hopMicros, widthMicros }),
      n: first.n === null ? null : n,
    })),
  ]);

const definitions: fc.Arbitrary<EntryDefinition> = fc.record({
  cells: fc.constant(CELLS),
  features: fc.array(variants, { minLength: 1, maxLength: 4 }).map((groups) => groups.flat()),
  hidesByCreated: fc.constant(false),
});

const failing = (arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Input> =>
  fc.oneof(
    { weight: 60, arbitrary },
    { weight: 6, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(FAILED) },
  );

const rows: fc.Arbitrary<EntryRow> = fc.record({
  eventMicros: fc.oneof(
    fc.bigInt(-100n, 60n),
    fc.bigInt(-12n, 6n).map((hops) => hops * 5n),
    fc.bigInt(-12n, 6n).map((hops) => hops * 5n - 1n),
  ),
  createdMicros: fc.constantFrom(null, 3n, 70n),
  position: fc.constant(null),
  by: fc.constant(null),
  failed: fc.integer({ min: 0, max: 60 }).map((n) => n === 0),
  cells: fc.tuple(
    failing(fc.constantFrom(0n, 1n, -4n, 7n, 2n ** 62n)),
    failing(fc.constantFrom(0, 0.5, -2.25, 1e6, 0.1)),
    failing(fc.constantFrom('a', 'b', 'é', '10')),
    failing(fc.boolean()),
    failing(fc.boolean()),
  ),
});

/** Rows arrive in parts; after each the frontier moves on. */
const histories = fc.array(
  fc.record({
    rows: fc.array(rows, { maxLength: 14 }),
    step: fc.constantFrom(0n, 1n, 5n, 10n, 13n, 40n),
    isStored: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

const later = fc.oneof(fc.constantFrom(0n, 1n, 5n, 10n, 19n, 20n, 300n), fc.bigInt(0n, 130n));

interface Step {
  readonly rows: readonly EntryRow[];
  readonly step: bigint;
  readonly isStored: boolean;
}

function grown(layout: EntryLayout, codec: EntryCodec, steps: readonly Step[], mostRows: number): Entry {
  let entry = emptyEntry(layout, -20n);
  for (const { rows, step, isStored } of steps) {
    entry.rows.push(...rows);
    advance(layout, entry, { frontierMicros: entry.frontierMicros + step, mostRows });
    if (isStored) entry = codec.decode(codec.encode(entry).bytes);
  }
  return entry;
}

test('what is read of an entry is what the naive evaluator says, for any instant from the frontier on', () => {
  const folds = fc.constantFrom(0, 0, 3, 128);
  fc.assert(
    fc.property(
      definitions,
      histories,
      folds,
      fc.array(later, { minLength: 3, maxLength: 3 }),
      (definition, steps, mostRows, ats) => {
        const layout = entryLayout(definition);
        const codec = compileEntryCodec(layout, MIB);
        const read = compileEntryReader(layout);
        const entry = grown(layout, codec, steps, mostRows);
        const { bytes } = codec.encode(entry);
        assert.deepEqual(codec.encode(codec.decode(bytes)).bytes, bytes);
        assert.deepEqual(codec.encode({ ...entry, rows: entry.rows.toReversed() }).bytes, bytes);
        const all = steps.flatMap(({ rows }) => rows);
        const early = read(bytes, { atMicros: entry.frontierMicros - 1n, isExplicit: true });
        assert.equal(early.status, 'TOO_EARLY');
        for (const after of ats) {
          const at = entry.frontierMicros + after;
          const answer = read(bytes, { atMicros: at, isExplicit: true });
          const isFound = definition.features.some((feature) => inWindow(feature, all, at).length > 0);
          assert.equal(answer.status, isFound ? null : 'NOT_FOUND', `at ${at}`);
          for (const [i, feature] of definition.features.entries())
            assert.equal(
              mismatch(answer.values[i] ?? null, wanted(definition, feature, all, at)),
              undefined,
              `${feature.aggregate} at ${at}`,
            );
        }
      },
    ),
    { numRuns: 400 },
  );
});

const lastOf = (a: bigint, b: bigint): bigint => (a < b ? b : a);

/** Rows of a stream in the order of their positions, some stamped after the batch that brings them. */
const batches = fc.array(fc.record({ rows: fc.array(rows, { maxLength: 12 }), isStored: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
});

test('rows of a stream in any order and any batches are what the naive evaluator says, from the frontier on', () => {
  const folds = fc.constantFrom(0, 1, 4, 9, 128);
  fc.assert(
    fc.property(
      definitions,
      batches,
      folds,
      fc.array(later, { minLength: 3, maxLength: 3 }),
      (definition, arriving, mostRows, ats) => {
        const layout = entryLayout(definition);
        const codec = compileEntryCodec(layout, MIB);
        const read = compileEntryReader(layout);
        let entry = newEntry(layout);
        let offset = 0n;
        const all: EntryRow[] = [];
        for (const [i, batch] of arriving.entries()) {
          const firstMicros = BigInt(i * 20 - 60);
          const appliedMicros = firstMicros + BigInt(batch.rows.length);
          const placed = batch.rows.map((row, j) => ({
            ...row,
            ...{ createdMicros: firstMicros + BigInt(j), position: { partition: 0, offset: offset++ } },
          }));
          all.push(...placed);
          mergeRows(layout, entry, placed, { appliedMicros, mostRows });
          assert.ok(entry.frontierMicros <= appliedMicros);
          const past = entry.rows.filter(({ eventMicros }) => eventMicros < appliedMicros);
          assert.ok(past.length <= mostRows, `${past.length} rows of the past`);
          if (batch.isStored) entry = codec.decode(codec.encode(entry).bytes);
        }
        const { bytes } = codec.encode(entry);
        const newest = all.map(({ eventMicros }) => eventMicros).reduce(lastOf, -70n);
        for (const after of [-20n, ...ats]) {
          const at = lastOf(entry.frontierMicros, newest + after);
          const answer = read(bytes, { atMicros: at, isExplicit: true });
          for (const [i, feature] of definition.features.entries())
            assert.equal(
              mismatch(answer.values[i] ?? null, wanted(definition, feature, all, at)),
              undefined,
              `${feature.aggregate} at ${at}`,
            );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('an entity without an entry has the empty aggregates', () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const layout = entryLayout(definition);
      const { status, values, newestMicros } = absentEntry(layout);
      assert.deepEqual([status, newestMicros], ['NOT_FOUND', null]);
      for (const [i, feature] of definition.features.entries())
        assert.equal(mismatch(values[i] ?? null, wanted(definition, feature, [], 0n)), undefined, feature.aggregate);
      const empty = compileEntryCodec(layout, MIB).encode(emptyEntry(layout, 0n)).bytes;
      const read = compileEntryReader(layout)(empty, { atMicros: 5n, isExplicit: true });
      assert.deepEqual(read, { status, values, newestMicros });
    }),
    { numRuns: 50 },
  );
});
