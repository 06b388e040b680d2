import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const written = (write: (out: ByteWriter) => void): Uint8Array => {
  const out = new ByteWriter();
  out.begin(0);
  write(out);
  return out.finish();
};

const EDGES = [
  0n,
  1n,
  63n,
  64n,
  2n ** 31n,
  2n ** 47n,
  2n ** 48n,
  2n ** 52n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n,
  2n ** 127n,
];
const integers = fc.oneof(
  fc.constantFrom(...EDGES.flatMap((edge) => [edge, edge - 1n, -edge, 1n - edge])),
  fc.bigInt(-(2n ** 128n), 2n ** 128n),
);

test('integers of any size are read as they were written', () => {
  fc.assert(
    fc.property(integers, (value) => {
      const bytes = new ByteReader(written((out) => out.varint(value)));
      assert.equal(bytes.varint(), value);
      bytes.requireEnd();
    }),
    { numRuns: 1000 },
  );
});

test('whole numbers up to 2^53 - 1 are read as they were written, greater ones are refused', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(new ByteReader(written((out) => out.uvarint(value))).uvarint(), value);
    }),
  );
  const most = written((out) => out.uvarint(Number.MAX_SAFE_INTEGER));
  assert.equal(new ByteReader(most).uvarint(), Number.MAX_SAFE_INTEGER);
  assert.throws(() => new ByteReader(most.with(7, 0x10)).uvarint(), { code: 'STORAGE_CORRUPT' });
  assert.throws(() => new ByteReader(new Uint8Array(40).fill(0xff)).varint(), /beyond 256 bits/);
});

test('the bytes of small and great integers', () => {
  const hex = (write: (out: ByteWriter) => void) => Buffer.from(written(write)).toString('hex');
  assert.deepEqual(
    [0n, -1n, 1n, 64n, -65n, 2n ** 63n].map((value) => hex((out) => out.varint(value))),
    ['00', '01', '02', '8001', '8101', '80808080808080808002'],
  );
  assert.equal(
    hex((out) => out.uvarint(300)),
    'ac02',
  );
});

test('more items than there are bytes for are refused before anything is made', () => {
  assert.throws(
    () => new ByteReader(Uint8Array.of(200, 1, 0)).count(1),
    /200 items of at least 1 bytes, but 1 bytes are left/,
  );
});
