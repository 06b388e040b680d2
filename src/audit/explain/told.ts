// Rows and windows as an explanation tells them.
import type { DataType } from '../../../schemas/types.ts';
import { spanOf, type WindowSpan, windowEndMicros, windowStartMicros } from '../../aggregate/windows.ts';
import { formatInstant } from '../../instant.ts';
import type { Json } from '../../lossless-json.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import type { Int64Form } from '../../online/value-json.ts';
import { jsonValue } from '../value-text.ts';
import type { RowTold, WindowTold } from './explanation.ts';
import { fileNameFor } from './file-name.ts';
import type { ServedView } from './served-view.ts';

const MOST_TOLD = 100;

export const toldRows = (served: ServedView, rows: readonly KeyRow[], int64: Int64Form): readonly RowTold[] =>
  rows.slice(0, MOST_TOLD).map((row) => ({
    file: fileNameFor(served.source.path, row.file),
    eventTime: formatInstant(row.eventMicros),
    createdTime: row.createdMicros === null ? null : formatInstant(row.createdMicros),
    columns: Object.fromEntries(served.columns.map((name, i) => [name, cellOf(served, row, { column: i, int64 })])),
  }));

/** A column of the source, as answers write values of its type. */
export function cellOf({ source, columns }: ServedView, { values }: KeyRow, { column, int64 }: Cell): Json {
  const type = source.columns.get(columns[column] ?? '') as DataType;
  return jsonValue(values[column] ?? null, type, int64);
}

interface Cell {
  readonly column: number;
  readonly int64?: Int64Form;
}

const EVER: WindowSpan = { widthMicros: null, hopMicros: null };

export function toldWindow({ view, computedAt, asked }: ServedView, name: string): WindowTold {
  const e = computedAt.effectiveMicros;
  if (view.kind === 'row') {
    const { ttlMicros } = view;
    const oldest = ttlMicros === null ? null : formatInstant(asked.atMicros - ttlMicros);
    return { from: null, to: formatInstant(e), includesTo: view.refresh === null && !view.strictlyBefore, oldest };
  }
  const feature = view.features.find((one) => one.name === name);
  const span = feature === undefined ? EVER : spanOf(view.kind, feature);
  const [from, to] = [windowStartMicros(span, e), windowEndMicros(span, e)];
  return { from: from === null ? null : formatInstant(from), to: formatInstant(to), includesTo: false, oldest: null };
}
