// What the rows of an entry are when they are read, where event times are no longer exact as numbers, and where the newest rows would
// be enough.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INVALID } from '../../aggregate/algebra.ts';
import { FAILED, type Input } from '../../aggregate/partial.ts';
import { type EntryRow, emptyEntry } from './entry.ts';
import { compileEntryCodec } from './entry-codec.ts';
import { type EntryFeature, entryLayout } from './entry-layout.ts';
import { compileEntryReader } from './entry-reader.ts';

const MIB = 2 ** 20;
const YEAR = 31_556_952_000_000n;

const feature = (aggregate: EntryFeature['aggregate'], widthMicros: bigint): EntryFeature => ({
  ...{ aggregate, input: 0, where: null, by: null, n: 2, p: null, gapMicros: null },
  ...{ widthMicros, hopMicros: 1_000_000n, offsetMicros: 0n },
});

const row = (eventMicros: bigint, value: Input, createdMicros: bigint | null = null): EntryRow => ({
  ...{ eventMicros, createdMicros, position: null, by: null, failed: false, cells: [value] },
});

function valuesAt(features: readonly EntryFeature[], rows: readonly EntryRow[], frontierMicros: bigint) {
  const layout = entryLayout({ cells: ['int64'], features, hidesByCreated: false });
  const codec = compileEntryCodec(layout, MIB);
  const { bytes } = codec.encode({ ...emptyEntry(layout, frontierMicros), rows: [...rows] });
  assert.deepEqual(codec.decode(bytes).rows, rows);
  const read = compileEntryReader(layout);
  return (atMicros: bigint) => read(bytes, { atMicros, isExplicit: true }).values;
}

test('rows that are centuries apart, and before and after the frontier, are cut where windows start', () => {
  const counts = [100n, 300n, 900n].map((years) => feature('count', years * YEAR));
  const frontier = 2n ** 62n;
  // On the start of each window at the frontier, and a microsecond before it; whole seconds, as their grid is.
  const start = (years: bigint): bigint => ((frontier - years * YEAR) / 1_000_000n) * 1_000_000n;
  const times = [frontier + 400n * YEAR, ...[100n, 300n, 900n].flatMap((years) => [start(years), start(years) - 1n])];
  const at = valuesAt(
    counts,
    times.map((time, i) => row(time, BigInt(i), i === 2 ? time + 1n : null)),
    frontier,
  );
  assert.deepEqual(at(frontier), [1n, 3n, 5n]);
  assert.deepEqual(at(frontier + 400n * YEAR), [0n, 0n, 4n]);
  assert.deepEqual(at(frontier + 400n * YEAR + 1n), [1n, 1n, 5n]);
});

test('the newest values need no older rows, but an older one that failed is not overlooked', () => {
  const features = [feature('last', 100_000_000n), feature('last_n', 100_000_000n), feature('last', 10_000_000n)];
  const seconds = [99n, 98n, 97n, 95n, 50n].map((second) => second * 1_000_000n);
  const rows = (inputs: readonly Input[]) => seconds.map((time, i) => row(time, inputs[i] ?? null));
  const at = (inputs: readonly Input[]) => valuesAt(features, rows(inputs), 100_000_000n)(100_000_000n);
  assert.deepEqual(at([null, 4n, 3n, 2n, 1n]), [4n, [4n, 3n], 4n]);
  assert.deepEqual(at([null, null, null, null, 1n]), [1n, [1n], null]);
  assert.deepEqual(at([5n, 4n, 3n, 2n, FAILED]), [INVALID, INVALID, 5n]);
});

test('of rows of one instant the greatest value is the last, however they lie', () => {
  const rows = [row(5_000_000n, 2n, 7_000_000n), row(5_000_000n, 9n), row(5_000_000n, 8n), row(4_000_000n, 10n)];
  const values = valuesAt([feature('last', 100_000_000n), feature('last_n', 100_000_000n)], rows, 10_000_000n);
  assert.deepEqual(values(10_000_000n), [2n, [2n, 9n]]);
});
