// Rows of erased keys are left out: each set of erased keys is a small table, loaded before the rest, and rows that meet one of
// its keys before its instant do not count. The key is compared typed, and stands in no statement but the one that loads it.
import type { ErasedKeys } from '../catalog/erasures.ts';
import type { RowsNode } from '../plan/nodes.ts';
import type { Dialect } from './dialect.ts';
import { ands, commas } from './script.ts';

export interface ErasedTable {
  readonly name: string;
  /** SELECT of e0…, erased_before. */
  readonly select: string;
}

const tableName = ({ view }: RowsNode, index: number): string => `erased ${index} of ${view}`;

export const erasedTables = (dialect: Dialect, rows: RowsNode): readonly ErasedTable[] =>
  (rows.erased ?? []).map((erased, i) => ({
    name: dialect.ident(tableName(rows, i)),
    select: selectOf(dialect, rows, erased),
  }));

function selectOf(dialect: Dialect, rows: RowsNode, { places, keys }: ErasedKeys): string {
  const types = places.map((place) => rows.keys[place]?.type ?? 'string');
  const names = [...places.map((_, i) => `e${i}`), 'erased_before'];
  const lines = keys.map(({ values, beforeMicros }) => {
    const literals = types.map((type, i) => dialect.literal(values[i] ?? null, type));
    return `(${commas([...literals, dialect.literal(beforeMicros, 'int64')])})`;
  });
  // Keys that no longer fit their type are none: the table is empty then.
  const nothing = `(${commas([...types.map((type) => dialect.literal(null, type)), dialect.literal(null, 'int64')])})`;
  const values = lines.length === 0 ? nothing : lines.join(',\n  ');
  return `SELECT * FROM (VALUES\n  ${values}\n) erased(${commas(names)})`;
}

/** To be joined to a scan, and what must hold then; no row is multiplied, since each key is in its table once. */
export function withoutErased(
  dialect: Dialect,
  rows: RowsNode,
  column: (name: string) => string,
): { readonly joins: string; readonly conditions: readonly string[] } {
  const erased = rows.erased ?? [];
  const joins = erased.map(({ places }, i) => {
    const equal = places.map((place, e) => {
      const key = rows.keys[place];
      return key === undefined || key.column === null
        ? 'false'
        : `g${i}.e${e} = ${dialect.cast(column(key.column), key.type)}`;
    });
    const table = dialect.ident(tableName(rows, i));
    return `\nLEFT JOIN ${table} g${i} ON ${ands([...equal, `ts < g${i}.erased_before`])}`;
  });
  return { joins: joins.join(''), conditions: erased.map((_, i) => `g${i}.erased_before IS NULL`) };
}
