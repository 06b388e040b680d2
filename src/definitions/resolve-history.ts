// The history of a stream: a source of files whose rows are rows of the stream, so its columns are the stream's, in the same
// types or in such as widen to them without loss.
import type { BatchSourceDefinition, HistoryDefinition, StreamSourceDefinition } from '../../schemas/sources.ts';
import type { DataType } from '../../schemas/types.ts';
import type { History } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { parseInstant } from '../instant.ts';
import { nearestName, oneOf } from '../nearest.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import { resolveBatchSource } from './resolve-sources.ts';
import type { SourceInspector } from './source-inspector.ts';

interface WrittenHistory {
  /** The stream. */
  readonly value: StreamSourceDefinition;
  readonly history: HistoryDefinition;
  /** Of the stream. */
  readonly columns: ReadonlyMap<string, DataType>;
  readonly place: Place;
}

export async function resolveHistory(
  written: WrittenHistory,
  inspector: SourceInspector,
  mistakes: Mistakes,
): Promise<History | null> {
  const { history, place } = written;
  const untilMicros = parseInstant(history.until);
  if (untilMicros === null)
    mistakes.add(
      at(place, 'until'),
      show(history.until),
      'an instant or a day, such as 2026-03-01T00:00:00Z or 2026-03-01',
    );
  if (!haveTimes(written, mistakes)) return null;
  checkColumns(written, mistakes);
  const resolved = await resolveBatchSource({ value: asBatchSource(written), place }, inspector, mistakes);
  if (resolved === null || untilMicros === null) return null;
  const { unreadable: _, ...source } = resolved;
  return { untilMicros, source };
}

/** Columns that the stream does not have need a type. */
function haveTimes({ history, columns, place }: WrittenHistory, mistakes: Mistakes): boolean {
  if (history.columns !== undefined) return true;
  const own = (['timestampColumn', 'createdTimestampColumn'] as const).find((key) => {
    const name = history[key];
    return name !== undefined && !columns.has(name) && !isOfFolders(history, name);
  });
  if (own === undefined) return true;
  mistakes.add(
    at(place, 'columns'),
    'nothing',
    `the columns of the files, because ${own} ${history[own]} is no column of the stream`,
  );
  return false;
}

const isOfFolders = ({ partitionColumns = {} }: HistoryDefinition, name: string): boolean =>
  Object.hasOwn(partitionColumns, name);

function checkColumns({ value, history, columns, place }: WrittenHistory, mistakes: Mistakes): void {
  const { timestampColumn = value.timestampColumn, createdTimestampColumn, header } = history;
  for (const [name, type] of Object.entries(history.columns ?? {})) {
    if (name === timestampColumn || name === createdTimestampColumn || name === value.timestampColumn) continue;
    const expected = columns.get(name);
    const where = at(place, 'columns', name);
    // A file without a header has every column declared, whether or not it is read.
    if (expected === undefined && header !== false)
      mistakes.add(
        where,
        show(name),
        `a column of the stream: ${oneOf(columns.keys())}`,
        nearestName(name, columns.keys()),
      );
    else if (expected !== undefined && !holds(expected, type))
      mistakes.add(where, type, `${expected}, as in the stream${narrowerText(expected)}`);
  }
}

const NARROWER: Readonly<Partial<Record<DataType, readonly DataType[]>>> = {
  int64: ['int32'],
  float64: ['float32', 'int32'],
};

const holds = (type: DataType, narrower: DataType): boolean =>
  type === narrower || NARROWER[type]?.includes(narrower) === true;

function narrowerText(type: DataType): string {
  const narrower = NARROWER[type];
  return narrower === undefined ? '' : `, or ${oneOf(narrower)}`;
}

function asBatchSource({ value, history, columns }: WrittenHistory): BatchSourceDefinition {
  const { until: _, columns: own, timestampColumn = value.timestampColumn, ...files } = history;
  const streams = [...columns].filter(([name]) => !isOfFolders(history, name));
  const declared = own ?? (Object.fromEntries(streams) as BatchSourceDefinition['columns']);
  const inherits = files.timestampUnit === undefined && declared?.[timestampColumn] !== 'timestamp';
  return {
    ...files,
    name: `${value.name}.history`,
    kind: 'batch',
    timestampColumn,
    columns: declared,
    ...(inherits ? { timestampUnit: value.timestampUnit } : {}),
  };
}
