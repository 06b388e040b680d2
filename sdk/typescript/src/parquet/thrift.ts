// Thrift's compact protocol, as Parquet footers use it: bytes ⇄ a tree that keeps fields nobody here knows.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
//
//   struct: fields, 0
//   field:  delta of the id, 4 bits | type, 4 bits | value     (delta 0: the id follows as a zigzag varint)
//   list:   size, 4 bits | type, 4 bits | items                (size 15: the size follows as a varint)
//   binary: length as a varint | bytes                         integers: zigzag varint

export const TYPE = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};

/** Integers are bigint; a double and an i8 keep their bytes. */
export type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct;
export interface ThriftList {
  readonly itemType: number;
  readonly items: readonly ThriftValue[];
}
/** Field id to value, ids growing. */
export type ThriftStruct = ReadonlyMap<number, { readonly type: number; readonly value: ThriftValue }>;

/** RangeError or Error where the bytes are no struct. */
export function readStruct(bytes: Uint8Array): ThriftStruct {
  return struct({ bytes, at: 0 });
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function struct(cursor: Cursor): ThriftStruct {
  const fields = new Map<number, { type: number; value: ThriftValue }>();
  for (let id = 0; ; ) {
    const head = byte(cursor);
    if (head === 0) return fields;
    const delta = head >> 4;
    id = delta === 0 ? Number(zigzag(cursor)) : id + delta;
    const type = head & 15;
    const isFlag = type === TYPE.true || type === TYPE.false;
    fields.set(id, { type, value: isFlag ? type === TYPE.true : value(cursor, type) });
  }
}

function value(cursor: Cursor, type: number): ThriftValue {
  if (type === TYPE.i16 || type === TYPE.i32 || type === TYPE.i64) return zigzag(cursor);
  if (type === TYPE.binary) return take(cursor, Number(varint(cursor)));
  if (type === TYPE.list || type === TYPE.set) return list(cursor);
  if (type === TYPE.struct) return struct(cursor);
  if (type === TYPE.i8) return take(cursor, 1);
  if (type === TYPE.double) return take(cursor, 8);
  // Items of lists only: in structs the type itself is the value.
  if (type === TYPE.true || type === TYPE.false) return byte(cursor) === TYPE.true;
  throw new Error(`found the Thrift type ${type}`);
}

function list(cursor: Cursor): ThriftList {
  const head = byte(cursor);
  const size = head >> 4 === 15 ? Number(varint(cursor)) : head >> 4;
  if (size > cursor.bytes.byteLength) throw new RangeError('a list is longer than its bytes');
  const itemType = head & 15;
  return { itemType, items: Array.from({ length: size }, () => value(cursor, itemType)) };
}

function byte(cursor: Cursor): number {
  const found = cursor.bytes[cursor.at];
  if (found === undefined) throw new RangeError('the bytes end too early');
  cursor.at += 1;
  return found;
}

function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.byteLength) throw new RangeError('the bytes end too early');
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}

function varint(cursor: Cursor): bigint {
  let result = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const next = byte(cursor);
    result |= BigInt(next & 127) << shift;
    if (next < 128) return result;
  }
  throw new RangeError('a number is too long');
}

function zigzag(cursor: Cursor): bigint {
  const found = varint(cursor);
  return (found >> 1n) ^ -(found & 1n);
}

export function writeStruct(fields: ThriftStruct): Uint8Array {
  const out: number[] = [];
  putStruct(out, fields);
  return Uint8Array.from(out);
}

function putStruct(out: number[], fields: ThriftStruct): void {
  let last = 0;
  for (const [id, { type, value: found }] of fields) {
    const head = typeof found === 'boolean' ? (found ? TYPE.true : TYPE.false) : type;
    const delta = id - last;
    if (delta > 0 && delta < 16) out.push((delta << 4) | head);
    else {
      out.push(head);
      putZigzag(out, BigInt(id));
    }
    if (typeof found !== 'boolean') putValue(out, type, found);
    last = id;
  }
  out.push(0);
}

function putValue(out: number[], type: number, found: ThriftValue): void {
  if (typeof found === 'boolean') out.push(found ? TYPE.true : TYPE.false);
  else if (typeof found === 'bigint') putZigzag(out, found);
  else if (found instanceof Uint8Array) {
    if (type === TYPE.binary) putVarint(out, BigInt(found.byteLength));
    for (const item of found) out.push(item);
  } else if (isStruct(found)) putStruct(out, found);
  else putList(out, found);
}

const isStruct = (found: ThriftList | ThriftStruct): found is ThriftStruct => found instanceof Map;

function putList(out: number[], { itemType, items }: ThriftList): void {
  if (items.length < 15) out.push((items.length << 4) | itemType);
  else {
    out.push(0xf0 | itemType);
    putVarint(out, BigInt(items.length));
  }
  for (const item of items) putValue(out, itemType, item);
}

const putZigzag = (out: number[], found: bigint): void =>
  putVarint(out, BigInt.asUintN(64, (found << 1n) ^ (found >> 63n)));

function putVarint(out: number[], found: bigint): void {
  let rest = found;
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
}
