// Tables of flatbuffers, each read of which is checked against the bytes that there are.
import { ArrowDamage } from './arrow-damage.ts';

export interface Block {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

const BLOCK_BYTES = 24;

export function rootOf(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new FlatTable(view, view.getUint32(0, true), { tables: bytes.byteLength });
}

/** Every read beyond the bytes throws a RangeError. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  /** Shared by all tables of a message: tables may point at one another's children, which multiplies them. */
  readonly #budget: { tables: number };

  constructor(view: DataView, at: number, budget: { tables: number }) {
    if (--budget.tables < 0) throw new ArrowDamage('its metadata is damaged');
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#budget = budget;
  }

  uint8(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : this.#view.getUint8(at);
  }

  int32(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : this.#view.getInt32(at, true);
  }

  int64(field: number): number {
    const at = this.#field(field);
    return at === null ? 0 : Number(this.#view.getBigInt64(at, true));
  }

  table(field: number): FlatTable | null {
    const at = this.#field(field);
    return at === null ? null : this.#tableAt(at);
  }

  tables(field: number): readonly FlatTable[] {
    const { start, count } = this.vector(field, 4);
    return Array.from({ length: count }, (_, index) => this.#tableAt(start + index * 4));
  }

  /** Empty where it is left out. */
  text(field: number): string {
    const { start, count } = this.vector(field, 1);
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, count));
  }

  keyValues(field: number): void {
    this.tables(field);
  }

  blocks(field: number): readonly Block[] {
    const { start, count } = this.vector(field, BLOCK_BYTES);
    return Array.from({ length: count }, (_, index) => {
      const at = start + index * BLOCK_BYTES;
      const [offset, bodyLength] = [this.#view.getBigInt64(at, true), this.#view.getBigInt64(at + 16, true)];
      return {
        offset: Number(offset),
        metadataLength: this.#view.getInt32(at + 8, true),
        bodyLength: Number(bodyLength),
      };
    });
  }

  vector(field: number, elementBytes: number): { readonly start: number; readonly count: number } {
    const at = this.#field(field);
    if (at === null) return { start: 0, count: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const count = this.#view.getUint32(vector, true);
    if (vector + 4 + count * elementBytes > this.#view.byteLength) throw new ArrowDamage('its metadata is damaged');
    return { start: vector + 4, count };
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#view, at + this.#view.getUint32(at, true), this.#budget);
  }

  #field(field: number): number | null {
    const slot = 4 + 2 * field;
    if (slot >= this.#view.getUint16(this.#vtable, true)) return null;
    const offset = this.#view.getUint16(this.#vtable + slot, true);
    return offset === 0 ? null : this.#at + offset;
  }
}
