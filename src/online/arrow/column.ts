// One column of a record batch while it is filled: from the text of values, straight into the buffers that Arrow has.
import { type Data, type DataType, makeData } from 'apache-arrow';
import type { NullBits } from './nulls.ts';

export interface Column {
  /** Appends the value whose JSON text it is, `null` excluded. SyntaxError where it is none of the type's. */
  add(bytes: Uint8Array, start: number, end: number): void;
  addNull(): void;
  /** What was added, as Arrow has it; the column is not to be used any more. */
  finish(): Data;
}

const N = 0x6e;

/** `null` is the one text of a value that begins with its letter. */
export function addText(column: Column, bytes: Uint8Array, start: number, end: number): void {
  if (bytes[start] === N) column.addNull();
  else column.add(bytes, start, end);
}

export const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end);

export const notOf = (type: string, bytes: Uint8Array, start: number, end: number): SyntaxError =>
  new SyntaxError(`found ${textOf(bytes, start, Math.min(end, start + 100))}, expected ${type}`);

interface Buffers extends NullBits {
  readonly type: DataType;
  readonly length: number;
  readonly data?: ArrayBufferView;
  readonly valueOffsets?: Int32Array;
  readonly child?: Data;
  readonly children?: readonly Data[];
}

/** The library's own types want a literal type for each kind of column. */
export const dataOf = makeData as (buffers: Buffers) => Data;
