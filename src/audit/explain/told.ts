// Rows and windows as an explanation tells them.
import type { DataType } from '../../../schemas/types.ts';
import { windowStartMicros } from '../../aggregate/windows.ts';
import { formatInstant } from '../../instant.ts';
import type { Json } from '../../lossless-json.ts';
import type { KeyRow } from '../../offline/key-rows.ts';
import { jsonValue } from '../value-text.ts';
import type { RowTold, WindowTold } from './explanation.ts';
import { fileNameFor } from './file-name.ts';
import { spanOf } from './naive-value.ts';
import type { ServedView } from './served-view.ts';

const MOST_TOLD = 100;

export const toldRows = (served: ServedView, rows: readonly KeyRow[]): readonly RowTold[] =>
  rows.slice(0, MOST_TOLD).map((row) => ({
    file: fileNameFor(served.source.path, row.file),
    eventTime: formatInstant(row.eventMicros),
    createdTime: row.createdMicros === null ? null : formatInstant(row.createdMicros),
    columns: Object.fromEntries(served.columns.map((name, i) => [name, cellOf(served, row, i)])),
  }));

/** A column of the source, as answers write values of its type. */
export function cellOf({ source, columns }: ServedView, { values }: KeyRow, column: number): Json {
  const type = source.columns.get(columns[column] ?? '') as DataType;
  return jsonValue(values[column] ?? null, type);
}

export function toldWindow({ view, ofRun, asked }: ServedView, name: string): WindowTold {
  const to = formatInstant(ofRun.effectiveMicros);
  if (view.kind === 'row') {
    const { ttlMicros } = view;
    const oldest = ttlMicros === null ? null : formatInstant(asked.atMicros - ttlMicros);
    return { from: null, to, includesTo: view.refresh === null && !view.strictlyBefore, oldest };
  }
  const feature = view.features.find((one) => one.name === name);
  const from = feature === undefined ? null : windowStartMicros(spanOf(feature), ofRun.effectiveMicros);
  return { from: from === null ? null : formatInstant(from), to, includesTo: false, oldest: null };
}
