// Stored rows → opened rows with what they say at an instant: the one place where a lookup judges.
import type { Status } from '../../../schemas/types.ts';
import { UNREACHABLE } from '../online-store.ts';
import { isInvalid, isNull, type StoredRow } from '../stored-row.ts';
import type { BoundKeySpace } from './bound-request.ts';
import type { StoredRows } from './read-consistently.ts';
import { type RowStatus, rowStatus } from './row-status.ts';

export interface JudgedRow {
  /** null: none is stored. */
  readonly row: StoredRow | null;
  /** What all features of the row share; null: each has its own, `valueStatus`. */
  readonly status: RowStatus | null;
}

export interface JudgedSpace {
  /** `[k][v]`: of distinct key k in view v; each once, however many entities and roles share it. */
  readonly rows: readonly (readonly JudgedRow[])[];
  /** `[v]`: of a key with a null in it, which matches nothing. */
  readonly absent: readonly JudgedRow[];
}

const UNAVAILABLE: JudgedRow = { row: null, status: 'UNAVAILABLE' };

export function judgeRows({ views }: BoundKeySpace, stored: StoredRows[number], atMicros: bigint): JudgedSpace {
  const absent = views.map(({ generation }) => ({ row: null, status: rowStatus(generation, null, atMicros) }));
  const rows = stored.map((ofKey) =>
    views.map(({ codec, generation }, view): JudgedRow => {
      const bytes = ofKey[view] ?? null;
      if (bytes === null) return absent[view] as JudgedRow;
      if (bytes === UNREACHABLE) return UNAVAILABLE;
      const row = codec.open(bytes);
      return { row, status: rowStatus(generation, row, atMicros) };
    }),
  );
  return { rows, absent };
}

/** Of a feature of a row whose own status is null. */
export function valueStatus(row: StoredRow, feature: number): Status {
  if (isInvalid(row, feature)) return 'INVALID';
  return isNull(row, feature) ? 'NULL_VALUE' : 'PRESENT';
}
