// Which rows of an online store are meant.

/** Identifies the rows of one entity: the bytes of entity-key.ts. May be of any length. */
export type EntityKey = Uint8Array;

/** The rows of one view generation: short text `<view>@<generation id>`, no control characters. */
export type FieldName = string;

/** Rows to read: every entity × every field. */
export interface RowSelection {
  readonly entities: readonly EntityKey[];
  readonly fields: readonly FieldName[];
}
