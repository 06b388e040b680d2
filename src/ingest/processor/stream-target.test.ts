// Entries of row views stay within what an entry may take, whatever clients push.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileEntryCodec } from '../../online/entry/entry-codec.ts';
import { entryLayout } from '../../online/entry/entry-layout.ts';
import { rowTarget } from './stream-target.ts';

const MIB = 2 ** 20;
const DEFINITION = { cells: ['string'], features: [], hidesByCreated: false } as const;
const codec = compileEntryCodec(entryLayout(DEFINITION), MIB);
const target = rowTarget('v@1', DEFINITION, MIB);

const rowAt = (eventMicros: bigint, text: string) => ({
  ...{ eventMicros, createdMicros: eventMicros, position: { partition: 0, offset: eventMicros } },
  ...{ by: null, failed: false, cells: [text] },
});

test('of long values the last one is kept', () => {
  let entry: Uint8Array | null = null;
  for (let i = 1n; i <= 10n; i += 1n) entry = target.merge(entry, [rowAt(i, `${i}`.padEnd(300_000))], i + 1n);
  assert.ok(entry !== null && entry.length <= MIB, `${entry?.length} bytes`);
  assert.deepEqual(
    codec
      .decode(entry)
      .rows.map(({ cells }) => String(cells[0]).trim())
      .includes('10'),
    true,
  );
});

test('rows whose time has not come stay; those that are too much by themselves fail', () => {
  const rows = Array.from({ length: 300 }, (_, i) => rowAt(1000n + BigInt(i), 'x'.repeat(10_000)));
  const entry = target.merge(null, rows, 500n);
  assert.ok(entry.length <= MIB, `${entry.length} bytes`);
  const kept = codec.decode(entry).rows;
  assert.equal(kept.length, 300);
  const failed = kept.filter((row) => row.failed).length;
  assert.ok(failed > 150 && failed < 250, `${failed} failed`);
});
