// Stored rows → opened rows with what they say at an instant: the one place where a lookup judges.
import type { Status } from '../../../schemas/types.ts';
import { UNREACHABLE } from '../online-store.ts';
import { isInvalid, isNull, type StoredRow } from '../stored-row.ts';
import type { BoundKeySpace } from './bound-request.ts';
import type { StoredRows } from './read-consistently.ts';
import { type JudgeRow, judgeAt, type RowStatus } from './row-status.ts';

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

/** A step judges some thousand rows. */
export function* judgeSteps(
  { views }: BoundKeySpace,
  stored: StoredRows[number],
  atMicros: bigint,
): Generator<undefined, JudgedSpace> {
  const judges = views.map(({ generation }) => judgeAt(generation, atMicros));
  const absent = judges.map((statusOf) => ({ row: null, status: statusOf(null) }));
  const judge = (ofKey: StoredRows[number][number]): readonly JudgedRow[] =>
    views.map(({ codec }, view): JudgedRow => {
      const bytes = ofKey[view] ?? null;
      if (bytes === null) return absent[view] as JudgedRow;
      if (bytes === UNREACHABLE) return UNAVAILABLE;
      const row = codec.open(bytes);
      return { row, status: (judges[view] as JudgeRow)(row) };
    });
  const rows: (readonly JudgedRow[])[] = [];
  const keysPerStep = Math.ceil(ROWS_PER_STEP / Math.max(1, views.length));
  for (const ofKey of stored) {
    rows.push(judge(ofKey));
    if (rows.length % keysPerStep === 0) yield;
  }
  return { rows, absent };
}

const ROWS_PER_STEP = 10_000;

/** Of a feature of a row whose own status is null. */
export function valueStatus(row: StoredRow, feature: number): Status {
  if (isInvalid(row, feature)) return 'INVALID';
  return isNull(row, feature) ? 'NULL_VALUE' : 'PRESENT';
}
