import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStruct, type ThriftStruct, TYPE, writeStruct } from './thrift.ts';

const field = (type: number, value: boolean | bigint | Uint8Array | object) => ({ type, value }) as never;

const EVERYTHING: ThriftStruct = new Map([
  [1, field(TYPE.i32, -7n)],
  [2, field(TYPE.true, true)],
  [3, field(TYPE.false, false)],
  [4, field(TYPE.binary, Uint8Array.of(1, 2, 3))],
  [40, field(TYPE.i64, 2n ** 63n - 1n)],
  [41, field(TYPE.i64, -(2n ** 63n))],
  [42, field(TYPE.double, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))],
  [43, field(TYPE.list, { itemType: TYPE.i32, items: Array.from({ length: 20 }, (_, i) => BigInt(i * 1000)) })],
  [44, field(TYPE.list, { itemType: TYPE.struct, items: [new Map([[1, field(TYPE.i8, Uint8Array.of(9))]])] })],
  [45, field(TYPE.struct, new Map())],
]);

test('a struct is written as it was read', () => {
  const bytes = writeStruct(EVERYTHING);
  assert.deepEqual(readStruct(bytes), EVERYTHING);
  assert.deepEqual(writeStruct(readStruct(bytes)), bytes);
});

test('bytes by the specification', () => {
  // Field 1 of type i32 is 150 (zigzag 300 = 0xac 0x02); field 17, 16 further, has its id written out.
  const bytes = Uint8Array.of(0x15, 0xac, 0x02, 0x01, 0x22, 0x00);
  const struct: ThriftStruct = new Map([
    [1, field(TYPE.i32, 150n)],
    [17, field(TYPE.true, true)],
  ]);
  assert.deepEqual(readStruct(bytes), struct);
  assert.deepEqual(writeStruct(struct), bytes);
});

test('every truncation is refused', () => {
  const bytes = writeStruct(EVERYTHING);
  for (let length = 0; length < bytes.length; length += 1)
    assert.throws(() => readStruct(bytes.subarray(0, length)), Error, `${length} bytes`);
});
