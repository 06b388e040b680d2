// The values at the ends of a window, by row order (row-order.ts): first, last and last_n, of values that are not null;
// first_row and last_row, of whole rows.
//
//   first, last    bytes: byte 0, or byte 1 and the placed value
//   last_n         bytes: uvarint count, then the placed values, newest first
import { isScalarType, type Value } from '../../schemas/types.ts';
import { rule, sameType } from './aggregate-rule.ts';
import { type Algebra, type AlgebraInput, type Family, listOf, tiled, type WindowAt } from './algebra.ts';
import { orderOfRows, type Placed, placed, readPlaced, writePlaced } from './row-order.ts';
import { type ValueCodec, valueCodec } from './value-codec.ts';

export interface End {
  row: Placed | null;
}

type Name = 'first' | 'last' | 'first_row' | 'last_row';

/** `sign`: 1 for the newest, -1 for the oldest. */
function endFamily(name: Name, codec: ValueCodec): Family<End> {
  const isNewest = name.startsWith('last');
  const sign = isNewest ? 1 : -1;
  const keep = (state: End, row: Placed | null): void => {
    if (row !== null && (state.row === null || sign * orderOfRows(row, state.row) > 0)) state.row = row;
  };
  return {
    kind: name,
    scope: isNewest ? 'head' : 'tile',
    create: () => ({ row: null }),
    isEmpty: ({ row }) => row === null,
    ...(isNewest ? { isSettled: ({ row }: End, before: bigint) => row !== null && before < row.eventMicros } : {}),
    add: (state, value, row) => keep(state, placed(row, value)),
    merge: (state, { row }) => keep(state, row),
    write: ({ row }, out) => {
      out.byte(row === null ? 0 : 1);
      if (row !== null) writePlaced(row, codec, out);
    },
    read: (state, bytes) => {
      const mark = bytes.byte();
      if (mark > 1) throw bytes.refusal(`a mark of ${mark}, expected 0 for none or 1,`);
      if (mark === 1) keep(state, readPlaced(codec, bytes));
    },
    trim: (state, startMicros) => {
      if (state.row !== null && state.row.eventMicros < startMicros) state.row = null;
    },
    load: (state, [eventMicros, createdMicros, value]) => {
      if (eventMicros !== null) keep(state, loaded(eventMicros, createdMicros, value));
    },
  };
}

/** Of a batch source, so without a position. */
const loaded = (
  eventMicros: Value | undefined,
  createdMicros: Value | undefined,
  value: Value | undefined,
): Placed => ({
  eventMicros: BigInt(eventMicros as bigint),
  createdMicros: createdMicros === null ? null : BigInt(createdMicros as bigint),
  position: null,
  value: value ?? null,
});

const isIn = ({ eventMicros }: Placed, { startMicros }: WindowAt): boolean =>
  startMicros === null || eventMicros >= startMicros;

const newestOf = (family: Family<End>): Algebra<End> => ({
  family,
  holds: ({ row }, window) => row !== null && isIn(row, window),
  finalize: ({ row }, window) => (row !== null && isIn(row, window) ? row.value : null),
});

const oldestOf = (family: Family<End>): Algebra<End> => tiled(family, ({ row }) => row?.value ?? null);

export interface Newest {
  /** Newest first. */
  rows: Placed[];
}

/** The newest `n` values. */
function newestFamily({ type, n }: AlgebraInput): Family<Newest> {
  const most = n ?? 1;
  const codec = valueCodec(type);
  const insert = (state: Newest, row: Placed): void => {
    const { rows } = state;
    let at = rows.length;
    while (at > 0 && orderOfRows(row, rows[at - 1] as Placed) > 0) at -= 1;
    if (at >= most) return;
    rows.splice(at, 0, row);
    if (rows.length > most) rows.pop();
  };
  return {
    kind: 'newest',
    scope: 'head',
    create: () => ({ rows: [] }),
    isEmpty: ({ rows }) => rows.length === 0,
    isSettled: ({ rows }, before) => rows.length === most && before < (rows[most - 1] as Placed).eventMicros,
    add: (state, value, row) => insert(state, placed(row, value)),
    merge: (state, { rows }) => {
      for (const row of rows) insert(state, row);
    },
    write: ({ rows }, out) => {
      out.uvarint(rows.length);
      for (const row of rows) writePlaced(row, codec, out);
    },
    read: (state, bytes) => {
      for (let left = bytes.count(3); left > 0; left -= 1) insert(state, readPlaced(codec, bytes));
    },
    trim: (state, startMicros) => {
      state.rows = state.rows.filter(({ eventMicros }) => eventMicros >= startMicros);
    },
    load: (state, [events, createds, values]) => {
      for (const [i, eventMicros] of listOf(events).entries())
        insert(state, loaded(eventMicros, listOf(createds)[i], listOf(values)[i]));
    },
  };
}

function newest(input: AlgebraInput): Algebra<Newest> {
  const most = input.n ?? 1;
  const inWindow = ({ rows }: Newest, window: WindowAt): readonly Value[] => {
    const values: Value[] = [];
    for (const row of rows) {
      if (values.length === most || !isIn(row, window)) break;
      values.push(row.value);
    }
    return values;
  };
  return {
    family: newestFamily(input),
    holds: ({ rows }, window) => rows[0] !== undefined && isIn(rows[0], window),
    finalize: inWindow,
  };
}

export const first = rule('any', sameType, { algebra: ({ type }) => oldestOf(endFamily('first', valueCodec(type))) });
export const last = rule('any', sameType, { algebra: ({ type }) => newestOf(endFamily('last', valueCodec(type))) });

/** The oldest, or newest, row as a whole, so that several features come from one row. */
export const firstRow = rule('row', sameType, {
  algebra: ({ type }) => oldestOf(endFamily('first_row', valueCodec(type))),
});
export const lastRow = rule('row', sameType, {
  algebra: ({ type }) => newestOf(endFamily('last_row', valueCodec(type))),
});

/** Newest first. */
export const lastN = rule(
  'scalar',
  (input) => (input !== null && isScalarType(input) ? `list<${input}>` : 'list<int64>'),
  { parameter: 'n', empty: [], algebra: newest },
);
