// Which row of an entry is chosen at an instant, and what is said of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAILED, type Input } from '../../aggregate/partial.ts';
import type { EntryRow } from '../entry/entry.ts';
import { compileEntryCodec } from '../entry/entry-codec.ts';
import { entryLayout } from '../entry/entry-layout.ts';
import { mergeChosen } from '../entry/merge-chosen.ts';
import { newEntry } from '../entry/merge-rows.ts';
import { compileRowCodec } from '../row-codec.ts';
import { isInvalid } from '../stored-row.ts';
import { rowEntryOpener } from './row-entry-opener.ts';

const FEATURES = [{ name: 'price', type: 'int64', default: null, emptyValue: null }] as const;
const codec = compileRowCodec(FEATURES);
const PROGRESS = { run: 'stream', watermarkMicros: 0n, reachedMicros: 0n, retention: null };

interface Rules {
  readonly hidesByCreated?: boolean;
  readonly strictlyBefore?: boolean;
  readonly ttlMicros?: bigint;
}

const rowAt = (eventMicros: bigint, price: Input, more: Partial<EntryRow> = {}): EntryRow => ({
  ...{ eventMicros, createdMicros: eventMicros, position: { partition: 0, offset: eventMicros } },
  ...{ by: null, failed: false, cells: [price, false], ...more },
});

function opened(rows: readonly EntryRow[], rules: Rules, atMicros: bigint, isExplicit = true) {
  const entry = { cells: ['int64', 'bool'], features: [], hidesByCreated: rules.hidesByCreated === true } as const;
  const layout = entryLayout(entry);
  const made = newEntry(layout);
  mergeChosen(made, rows, { appliedMicros: 10_000n });
  const { strictlyBefore = false, ttlMicros = null } = rules;
  const open = rowEntryOpener({ entry, features: FEATURES, strictlyBefore, ttlMicros }, codec);
  const { bytes } = compileEntryCodec(layout, 1e6).encode(made);
  const { row, status } = open(PROGRESS, { atMicros, isExplicit })(bytes);
  if (row === null) return status;
  const value = isInvalid(row, 0) ? 'INVALID' : codec.decode(codec.encode(decoded(row))).values[0];
  return status === null ? value : [status, value];

  function decoded(stored: NonNullable<typeof row>) {
    const values: (typeof FEATURES)[number]['default'][] = [];
    codec.read(stored, { first: 0, last: 0 }, values);
    return { ...stored, values, invalid: null };
  }
}

const [OLD, NEW] = [rowAt(100n, 1n), rowAt(200n, 2n)];

test('the last row that is visible; an event of the very instant is, unless it must lie before', () => {
  assert.deepEqual(
    [99n, 100n, 199n, 200n].map((at) => opened([NEW, OLD], {}, at)),
    ['NOT_FOUND', 1n, 1n, 2n],
  );
  assert.deepEqual(
    [100n, 101n, 200n, 201n].map((at) => opened([OLD, NEW], { strictlyBefore: true }, at)),
    ['NOT_FOUND', 1n, 1n, 2n],
  );
});

test('an age of exactly ttl is valid', () => {
  assert.deepEqual(
    [250n, 251n].map((at) => opened([OLD, NEW], { ttlMicros: 50n }, at)),
    [2n, ['OUTSIDE_MAX_AGE', 2n]],
  );
});

test('created times hide only where the request names the instant', () => {
  const late = rowAt(200n, 2n, { createdMicros: 500n });
  assert.equal(opened([OLD, late], { hidesByCreated: true }, 300n), 1n);
  assert.equal(opened([OLD, late], { hidesByCreated: true }, 300n, false), 2n);
  assert.equal(opened([OLD, late], {}, 300n), 2n);
});

test('a row that deletes its key, and one on which an expression failed, are chosen', () => {
  assert.equal(opened([OLD, rowAt(200n, 2n, { cells: [2n, true] })], {}, 300n), 'NOT_FOUND');
  assert.equal(opened([OLD, rowAt(200n, FAILED)], {}, 300n), 'INVALID');
  assert.equal(opened([OLD, rowAt(200n, 2n, { failed: true, cells: [null, null] })], {}, 300n), 'INVALID');
  assert.equal(opened([OLD, rowAt(200n, 2n, { cells: [2n, FAILED] })], {}, 300n), 'INVALID');
});

test('where rows were left out, an instant before those that are kept is too early', () => {
  const many = Array.from({ length: 40 }, (_, i) => rowAt(BigInt(100 + i), BigInt(i)));
  assert.equal(opened(many, {}, 139n), 39n);
  assert.equal(opened(many, {}, 99n), 'TOO_EARLY');
});
