// Stored bytes → opened rows with what they say at an instant, each once, however many entities share it.
import type { Status } from '../../../schemas/types.ts';
import { UNREACHABLE } from '../online-store.ts';
import { isInvalid, isNull, type StoredRow } from '../stored-row.ts';
import type { Open, OpenedRow } from './live-view.ts';
import type { StoredRows } from './read-consistently.ts';

export interface JudgedSpace {
  /** `[k][v]`: of distinct key k in view v. */
  readonly rows: readonly (readonly OpenedRow[])[];
  /** `[v]`: of a key with a null in it, which matches nothing. */
  readonly absent: readonly OpenedRow[];
}

const UNAVAILABLE: OpenedRow = { row: null, status: 'UNAVAILABLE' };

/** `opens[v]`: of view v. A step opens some thousand rows. */
export function* judgeSteps(opens: readonly Open[], stored: StoredRows[number]): Generator<undefined, JudgedSpace> {
  const rows: OpenedRow[][] = [];
  const keysPerStep = Math.ceil(ROWS_PER_STEP / Math.max(1, opens.length));
  for (let key = 0; key < stored.length; key += 1) {
    rows.push(openAll(opens, stored[key] as StoredRows[number][number]));
    if (rows.length % keysPerStep === 0) yield;
  }
  return { rows, absent: opens.map((open) => open(null)) };
}

function openAll(opens: readonly Open[], ofKey: StoredRows[number][number]): OpenedRow[] {
  const opened = new Array<OpenedRow>(opens.length);
  for (let view = 0; view < opens.length; view += 1) {
    const bytes = ofKey[view] ?? null;
    opened[view] = bytes === UNREACHABLE ? UNAVAILABLE : (opens[view] as Open)(bytes);
  }
  return opened;
}

const ROWS_PER_STEP = 10_000;

/** Of a feature of a row whose own status is null. */
export function valueStatus(row: StoredRow, feature: number): Status {
  if (isInvalid(row, feature)) return 'INVALID';
  return isNull(row, feature) ? 'NULL_VALUE' : 'PRESENT';
}
