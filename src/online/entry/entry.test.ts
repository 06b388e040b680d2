// The golden bytes of entries (docs/specs/entry-codec.md), and what property tests meet too rarely.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DataType, Value } from '../../../schemas/types.ts';
import { INVALID, type Outcome } from '../../aggregate/algebra.ts';
import { FAILED, type Input } from '../../aggregate/partial.ts';
import { advance, type Entry, type EntryRow, emptyEntry } from './entry.ts';
import { compileEntryCodec } from './entry-codec.ts';
import { type EntryFeature, type EntryLayout, entryLayout } from './entry-layout.ts';
import { compileEntryReader } from './entry-reader.ts';

type Json = null | boolean | number | string | readonly Json[];

interface Golden {
  readonly name: string;
  readonly cells: readonly DataType[];
  readonly features: readonly GoldenFeature[];
  /** Every row is folded that may be, or at most 128 stay as rows. */
  readonly mostRows: number;
  readonly steps: readonly { readonly rows: readonly GoldenRow[]; readonly frontier: number }[];
  readonly bytes: string;
  /** Values at instants; "!" is INVALID, digits with `n` are int64. */
  readonly reads: readonly { readonly at: number; readonly status: string | null; readonly values: readonly Json[] }[];
}

interface GoldenFeature {
  readonly aggregate: EntryFeature['aggregate'];
  readonly input?: number;
  readonly where?: number;
  readonly by?: number;
  readonly n?: number;
  readonly width: number | null;
  readonly hop: number | null;
  readonly offset?: number;
}

/** event, created, [partition, offset], cells; "!" is a cell that failed. */
type GoldenRow = readonly [number, number | null, readonly [number, number] | null, readonly Json[]];

const GOLDENS = JSON.parse(readFileSync(new URL('entry.golden.json', import.meta.url), 'utf8')) as readonly Golden[];
const MIB = 2 ** 20;

const micros = (number: number | null): bigint | null => (number === null ? null : BigInt(number));

const featureOf = ({ aggregate, input, where, by, n, width, hop, offset }: GoldenFeature): EntryFeature => ({
  ...{ aggregate, input: input ?? null, where: where ?? null, n: n ?? null, p: 0.5 },
  by: by === undefined ? null : { cell: by, top: null, asKeys: false },
  ...{ gapMicros: 5n, widthMicros: micros(width), hopMicros: micros(hop), offsetMicros: BigInt(offset ?? 0) },
});

const layoutOf = ({ cells, features }: Pick<Golden, 'cells' | 'features'>, hidesByCreated = false): EntryLayout =>
  entryLayout({ cells, features: features.map(featureOf), hidesByCreated });

const cellOf = (type: DataType, json: Json): Input =>
  json === '!' ? FAILED : typeof json === 'number' && type === 'int64' ? BigInt(json) : (json as Value);

const rowOf = (cells: readonly DataType[], [event, created, place, values]: GoldenRow): EntryRow => ({
  eventMicros: BigInt(event),
  createdMicros: micros(created),
  position: place === null ? null : { partition: place[0], offset: BigInt(place[1]) },
  by: null,
  failed: false,
  cells: cells.map((type, i) => cellOf(type, values[i] ?? null)),
});

function entryOf({ cells, steps, mostRows }: Golden, layout: EntryLayout): Entry {
  const entry = emptyEntry(layout, BigInt(steps[0]?.frontier ?? 0));
  for (const { rows, frontier } of steps) {
    entry.rows.push(...rows.map((row) => rowOf(cells, row)));
    advance(layout, entry, { frontierMicros: BigInt(frontier), mostRows });
  }
  return entry;
}

function shown(outcome: Outcome): Json {
  if (outcome === INVALID) return '!';
  if (typeof outcome === 'bigint') return `${outcome}n`;
  return Array.isArray(outcome) ? outcome.map(shown) : (outcome as Json);
}

for (const golden of GOLDENS) {
  test(`golden bytes: ${golden.name}`, () => {
    const layout = layoutOf(golden);
    const codec = compileEntryCodec(layout, MIB);
    const { bytes } = codec.encode(entryOf(golden, layout));
    assert.equal(Buffer.from(bytes).toString('hex'), golden.bytes);
    assert.deepEqual(codec.encode(codec.decode(bytes)).bytes, bytes);
    const read = compileEntryReader(layout);
    for (const { at, status, values } of golden.reads) {
      const answer = read(bytes, { atMicros: BigInt(at), isExplicit: true });
      assert.deepEqual([answer.status, answer.values.map(shown)], [status, values], `at ${at}`);
    }
  });
}

const LAST: Pick<Golden, 'cells' | 'features'> = {
  cells: ['int64'],
  features: (['last', 'last_n', 'count_distinct'] as const).map((aggregate) => ({
    ...{ aggregate, input: 0, n: 2, width: 20, hop: 5 },
  })),
};

test('what no window reaches any more leaves the entry; what lies on the edge of one stays', () => {
  const layout = layoutOf(LAST);
  const codec = compileEntryCodec(layout, MIB);
  const bytesAfter = (rows: readonly number[]): Uint8Array => {
    const entry = emptyEntry(layout, 0n);
    entry.rows.push(...rows.map((event) => rowOf(LAST.cells, [event, null, null, [event]])));
    advance(layout, entry, { frontierMicros: 10n, mostRows: 0 });
    assert.deepEqual(entry.rows, []);
    advance(layout, entry, { frontierMicros: 25n, mostRows: 0 });
    return codec.encode(entry).bytes;
  };
  const read = compileEntryReader(layout);
  const values = (rows: readonly number[]) => read(bytesAfter(rows), { atMicros: 25n, isExplicit: true }).values;
  assert.deepEqual(values([5]), [5n, [5n], 1n]);
  assert.deepEqual(values([4, 5]), [5n, [5n], 1n]);
  assert.deepEqual(bytesAfter([4, 5]), bytesAfter([5]));
  assert.deepEqual(values([4]), [null, [], 0n]);
});

test('an entry of at most 128 rows has rows alone; of more only those from the frontier on', () => {
  const layout = layoutOf(LAST);
  const sizes = [128, 129].map((count) => {
    const entry = emptyEntry(layout, 0n);
    for (let i = 0; i < count; i += 1) entry.rows.push(rowOf(LAST.cells, [i % 10, null, null, [i]]));
    advance(layout, entry, { frontierMicros: 9n });
    return entry.rows.length;
  });
  assert.deepEqual(sizes, [128, 12]);
});

test('the biggest slot of an entry that is too big is left out: its features are INVALID, the others stay', () => {
  const layout = layoutOf({
    cells: ['string'],
    features: [
      { aggregate: 'count', width: 20, hop: 5 },
      { aggregate: 'count_distinct', input: 0, width: 20, hop: 5 },
    ],
  });
  const entry = emptyEntry(layout, 0n);
  for (let i = 0; i < 200; i += 1) entry.rows.push(rowOf(['string'], [i % 10, null, null, [`value ${i}`]]));
  advance(layout, entry, { frontierMicros: 10n });
  const codec = compileEntryCodec(layout, 500);
  const { bytes, dropped } = codec.encode(entry);
  assert.deepEqual(dropped, [1]);
  assert.ok(bytes.length <= 500);
  const values = (stored: Uint8Array) => compileEntryReader(layout)(stored, { atMicros: 12n, isExplicit: true }).values;
  assert.deepEqual(values(bytes), [200n, INVALID]);
  // It stays left out: what is folded later would be counted without what is gone.
  const again = codec.decode(bytes);
  again.rows.push(rowOf(['string'], [11, null, null, ['more']]));
  advance(layout, again, { frontierMicros: 12n, mostRows: 0 });
  assert.deepEqual(values(codec.encode(again).bytes).at(1), INVALID);
});

test('where created times hide, an explicit instant sees what was created by then, and none before what was folded', () => {
  const features = [{ aggregate: 'count', width: null, hop: null }] as const;
  const layout = layoutOf({ cells: [], features }, true);
  const entry = emptyEntry(layout, 10n);
  entry.rows.push(rowOf([], [1, 5, null, []]), rowOf([], [2, 40, null, []]));
  const codec = compileEntryCodec(layout, MIB);
  const read = compileEntryReader(layout);
  const at = (bytes: Uint8Array, atMicros: bigint, isExplicit: boolean) => {
    const { status, values } = read(bytes, { atMicros, isExplicit });
    return [status, values[0]];
  };
  const rows = codec.encode(entry).bytes;
  assert.deepEqual(at(rows, 20n, true), [null, 1n]);
  assert.deepEqual(at(rows, 20n, false), [null, 2n]);
  assert.deepEqual(at(rows, 40n, true), [null, 2n]);
  advance(layout, entry, { frontierMicros: 10n, mostRows: 0 });
  const folded = codec.encode(entry).bytes;
  assert.deepEqual(at(folded, 39n, true), ['TOO_EARLY', null]);
  assert.deepEqual(at(folded, 39n, false), [null, 2n]);
  assert.deepEqual(at(folded, 40n, true), [null, 2n]);
});

test('features over the same rows and input share what is kept', () => {
  const shared = (features: readonly GoldenFeature[]) =>
    layoutOf({ cells: ['float64', 'bool'], features }).slots.map(({ family, chains }) => [
      family.kind,
      chains.flatMap(({ outputs }) => outputs.map(({ feature }) => feature)),
    ]);
  const window = { width: 20, hop: 5 };
  assert.deepEqual(
    shared([
      { aggregate: 'sum', input: 0, ...window },
      { aggregate: 'mean', input: 0, width: 100, hop: 10 },
      { aggregate: 'var_pop', input: 0, ...window },
      { aggregate: 'stddev_samp', input: 0, ...window },
      { aggregate: 'sum', input: 0, where: 1, ...window },
      { aggregate: 'last_n', input: 0, n: 2, ...window },
      { aggregate: 'last_n', input: 0, n: 5, width: 100, hop: 10 },
    ]),
    [
      ['total', [0, 1]],
      ['moments', [2, 3]],
      ['total', [4]],
      ['newest', [5, 6]],
    ],
  );
});

test('bytes that are no entry of the layout are refused', () => {
  const [layout, other] = [layoutOf(LAST), layoutOf({ ...LAST, cells: ['timestamp'] })];
  const [codec, read] = [compileEntryCodec(layout, MIB), compileEntryReader(layout)];
  const entry = emptyEntry(layout, 0n);
  for (let i = 0; i < 6; i += 1) entry.rows.push(rowOf(LAST.cells, [i, 9, [0, i], [i]]));
  advance(layout, entry, { frontierMicros: 4n, mostRows: 0 });
  const { bytes } = codec.encode(entry);
  const refused = { code: 'STORAGE_CORRUPT' };
  const at = { atMicros: 30n, isExplicit: true };
  assert.throws(() => compileEntryReader(other)(bytes, at), /another layout of features/);
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => codec.decode(bytes.subarray(0, length)), refused);
    assert.throws(() => read(bytes.subarray(0, length), at), refused);
  }
  assert.throws(() => codec.decode(Uint8Array.from([...bytes, 0])), refused);
  for (const [offset, byte] of [
    [0, 3],
    [1, 1],
    [2, 4],
  ] as const)
    assert.throws(() => read(bytes.with(offset, byte), at), refused);
});
