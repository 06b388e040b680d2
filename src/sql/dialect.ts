// What differs between engines when a plan becomes SQL. Everything else in this folder is the same for all of them.
import type { DataType, Value } from '../../schemas/types.ts';
import type { Expression } from '../catalog/expression.ts';

export interface Dialect {
  /** A quoted identifier. */
  ident(name: string): string;
  /** A quoted string literal. */
  text(value: string): string;
  /** A typed literal of any of our values. */
  literal(value: Value, type: DataType): string;
  typeName(type: DataType): string;
  cast(sql: string, type: DataType): string;

  /** The expression's value (null where it fails) and, where it can fail, the condition under which it did. */
  fallible(
    expression: Expression,
    column: (name: string) => string,
  ): { readonly value: string; readonly failed: string | null };

  /** A key that orders values of the type as DESIGN section 2 says where the engine's own order differs, and back. */
  orderKey(sql: string, type: DataType): string;
  fromOrderKey(sql: string, type: DataType): string;
  /** A value that compares element by element. */
  tuple(items: readonly string[]): string;

  /** Like `tuple` of a BIGINT instant and a value that is not null, in the form that the engine compares fastest. */
  timedValue(ts: string, value: string, type: DataType): string;

  /** Aggregates over a group, with FILTER. `order` is a comparable key. */
  argMax(value: string, order: string, filter: string): string;
  argMin(value: string, order: string, filter: string): string;
  /** Up to n values, greatest `order` first; null for none. */
  argMaxN(value: string, order: string, n: number, filter: string): string;

  /** Least or greatest value of the window `frame`, nulls aside. */
  framedExtreme(name: 'min' | 'max', value: string): string;

  /** Fails the query with a message where it is evaluated. */
  fail(message: string): string;
  isFinite(sql: string): string;
  /** BIGINT microseconds → the engine's UTC timestamp. */
  instant(micros: string): string;
  /** The list of the items that are not null; null where none is. */
  nonNullList(items: readonly string[]): string;
}
