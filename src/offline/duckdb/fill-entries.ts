// What entries are made of, out of the tables of a run; and the entries, into one. Key by key, some thousand at a time.
import { blobValue, type DuckDBBlobValue, type DuckDBValue } from '@duckdb/node-api';
import type { DataType, Value } from '../../../schemas/types.ts';
import type { EntryMaterial, MakeEntry, MaterialHop, MaterialRow } from '../../aggregate/entry-material.ts';
import { FAILED } from '../../aggregate/partial.ts';
import type { EntriesFragment, EntryRowColumns, HopsSelect, KeyNumbers } from '../../sql/strategies.ts';
import { nextTurn } from '../../turns.ts';
import { toValue } from './read-parts.ts';
import type { DuckdbSession } from './session.ts';

export interface Fill {
  readonly make: MakeEntry;
  readonly onShare: (share: number) => void;
}

/** Returns how many values are INVALID, by feature. */
export async function fillEntries(
  session: DuckdbSession,
  fragment: EntriesFragment,
  { make, onShare }: Fill,
): Promise<Readonly<Record<string, number>>> {
  const invalidValues: Record<string, number> = {};
  const parts = await session.rows(fragment.parts);
  for (const [i, { first, last }] of parts.entries()) {
    const made = new Map<bigint, DuckDBBlobValue>();
    for (const [kid, material] of await materialOf(session, fragment, { first: Number(first), last: Number(last) })) {
      const { bytes, invalid } = make(material);
      made.set(kid, blobValue(bytes));
      for (const feature of invalid) invalidValues[feature] = (invalidValues[feature] ?? 0) + 1;
    }
    await session.append(fragment.target, [[...made.keys()], [...made.values()]]);
    onShare((i + 1) / parts.length);
    await nextTurn();
  }
  return Object.fromEntries(Object.entries(invalidValues).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

interface Gathered extends EntryMaterial {
  readonly rows: MaterialRow[];
  readonly hops: MaterialHop[];
}

async function materialOf(
  session: DuckdbSession,
  fragment: EntriesFragment,
  numbers: KeyNumbers,
): Promise<ReadonlyMap<bigint, EntryMaterial>> {
  const keys = new Map<bigint, Gathered>();
  for await (const chunk of session.chunks(fragment.keys(numbers))) {
    const [kids, newest, created] = chunk.getColumns();
    for (const [row, kid] of (kids as bigint[]).entries())
      keys.set(kid, {
        newestMicros: newest?.[row] as bigint,
        createdMicros: (created?.[row] ?? null) as bigint | null,
        rows: [],
        hops: [],
      });
  }
  for await (const chunk of session.chunks(fragment.rows(numbers)))
    addRows(keys, chunk.getColumns(), fragment.rowColumns);
  for (const hops of fragment.hops)
    for await (const chunk of session.chunks(hops.select(numbers))) addHops(keys, chunk.getColumns(), hops);
  return keys;
}

type Columns = readonly (readonly DuckDBValue[])[];

function addRows(keys: ReadonlyMap<bigint, Gathered>, columns: Columns, { failed, cells }: EntryRowColumns): void {
  const [kids = [], events = [], created = []] = columns;
  for (let row = 0; row < kids.length; row += 1) {
    const hasFailed = failed !== null && columns[failed]?.[row] === true;
    keys.get(kids[row] as bigint)?.rows.push({
      eventMicros: events[row] as bigint,
      createdMicros: created[row] as bigint | null,
      position: null,
      by: null,
      failed: hasFailed,
      cells: cells.map((cell) => {
        if (hasFailed) return null;
        if (cell.failed !== null && columns[cell.failed]?.[row] === true) return FAILED;
        return toValue(columns[cell.value]?.[row] ?? null, cell.type);
      }),
    });
  }
}

function addHops(keys: ReadonlyMap<bigint, Gathered>, columns: Columns, { slots }: HopsSelect): void {
  const [kids = [], hops = []] = columns;
  for (let row = 0; row < kids.length; row += 1) {
    const hop = hops[row] as bigint;
    const key = keys.get(kids[row] as bigint);
    let next = 2;
    for (const { slot, columns: count, type } of slots) {
      const values = columns.slice(next, next + count).map((column) => plain(column[row] ?? null, type));
      key?.hops.push({ slot, hop, columns: values });
      next += count;
    }
  }
}

/** Columns of partials, whatever their types are; a struct is a value of the input. */
function plain(value: DuckDBValue, type: DataType): Value {
  if (typeof value !== 'object' || value === null) return value as Value;
  if ('entries' in value) return toValue(value, type);
  if ('items' in value) return (value.items as readonly DuckDBValue[]).map((item) => plain(item, type));
  return 'bytes' in value ? (value as { readonly bytes: Uint8Array }).bytes : (value as unknown as Value);
}
