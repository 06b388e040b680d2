// Structs, whose fields are columns of their own, and the entries of maps, which are structs of a key and a value.
import type { Data, DataType } from 'apache-arrow';
import { addText, type Column, dataOf, notOf, textOf } from './column.ts';
import type { Elements } from './list-columns.ts';
import { Nulls } from './nulls.ts';
import { eachEntry } from './parts-of-text.ts';

export interface FieldColumn {
  readonly name: string;
  readonly column: Column;
}

export class StructColumn implements Column {
  readonly #nulls = new Nulls();
  readonly #type: DataType;
  readonly #fields: readonly FieldColumn[];
  #length = 0;

  constructor(type: DataType, fields: readonly FieldColumn[]) {
    this.#type = type;
    this.#fields = fields;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    let index = 0;
    const count = eachEntry(
      bytes,
      { start, end },
      (from, at, to) => this.#requireField(index, from, at, to),
      (from, at, to) => {
        addText((this.#fields[index] as FieldColumn).column, from, at, to);
        index += 1;
      },
    );
    if (count !== this.#fields.length) throw notOf(`${this.#fields.length} fields`, bytes, start, end);
    this.#length += 1;
  }

  #requireField(index: number, bytes: Uint8Array, start: number, end: number): void {
    const name = this.#fields[index]?.name;
    if (name === undefined || end - start !== name.length + 2 || textOf(bytes, start + 1, end - 1) !== name)
      throw notOf(name === undefined ? 'no more fields' : `the field ${name}`, bytes, start, end);
  }

  addNull(): void {
    this.#nulls.add(this.#length);
    for (const { column } of this.#fields) column.addNull();
    this.#length += 1;
  }

  finish(): Data {
    return dataOf({
      type: this.#type,
      length: this.#length,
      ...this.#nulls.finish(this.#length),
      children: this.#fields.map(({ column }) => column.finish()),
    });
  }
}

/** `type`: the struct of a key and a value. */
export function entriesOf(type: DataType, keys: Column, values: Column): Elements {
  let length = 0;
  return {
    add: (bytes, start, end) => {
      const count = eachEntry(
        bytes,
        { start, end },
        (from, at, to) => keys.add(from, at, to),
        (from, at, to) => addText(values, from, at, to),
      );
      length += count;
      return count;
    },
    finish: () =>
      dataOf({ type, length, nullCount: 0, nullBitmap: new Uint8Array(0), children: [keys.finish(), values.finish()] }),
  };
}
