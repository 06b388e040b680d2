// What differs between engines in the SQL that this folder prints for all of them. What only one engine's strategies write
// is no part of it.
import type { DataType, Value } from '../../schemas/types.ts';
import type { Expression } from '../catalog/expression.ts';
import type { FallibleSql } from './expression.ts';

export interface Dialect {
  /** A quoted identifier. */
  ident(name: string): string;
  /** A quoted string literal. */
  text(value: string): string;
  /** A typed literal of any of our values. */
  literal(value: Value, type: DataType): string;
  cast(sql: string, type: DataType): string;
  fallible(expression: Expression, column: (name: string) => string): FallibleSql;

  /** A key that orders values of the type as DESIGN section 2 says where the engine's own order differs. */
  orderKey(sql: string, type: DataType): string;
  isFinite(sql: string): string;
  /** Fails the query with a message where it is evaluated. */
  fail(message: string): string;

  /** int64 microseconds → the engine's UTC timestamp, and back. */
  instant(micros: string): string;
  micros(instant: string): string;
  /** The list of the items that are not null; null where none is. */
  nonNullList(items: readonly string[]): string;
  /** Null for a list that is null. */
  listContains(list: string, item: string): string;
}
