// Columns that a source reads from the names of folders (`dt=2026-01-01/`). Files of folders with the same values are one
// branch of a scan, in which such a column is a constant; a folder that cannot hold an event time of the range is left out.
import type { DataType } from '../../../schemas/types.ts';
import type { FolderValue, Source } from '../../catalog/catalog.ts';
import type { TimeRange } from '../../plan/time-range.ts';
import { text, typeName } from './names.ts';

/** Files whose folders say the same. */
export interface Folder {
  readonly paths: readonly string[];
  readonly values: ReadonlyMap<string, FolderValue>;
}

const DAY_MICROS = 86_400_000_000n;

/** The source as its files have it. */
export function filesOnly(source: Source): Source {
  const { partitionColumns } = source;
  if (partitionColumns === undefined) return source;
  return { ...source, columns: new Map([...source.columns].filter(([name]) => !partitionColumns.has(name))) };
}

export function folderValue(value: FolderValue, type: DataType): string {
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  if (type === 'timestamp') return `make_timestamp(${value}::BIGINT)`;
  return typeof value === 'bigint' ? `${value}::BIGINT` : text(value);
}

/** First and last event time that rows below a folder can have; null where the folder says nothing about it. */
export function folderReach(
  source: Source,
  values: ReadonlyMap<string, FolderValue>,
): { readonly firstMicros: bigint; readonly lastMicros: bigint } | null {
  const time = source.timestampUnit === null ? values.get(source.timestampColumn) : undefined;
  if (typeof time === 'bigint') return { firstMicros: time, lastMicros: time };
  const bounds = boundingColumn(source);
  const value = bounds === null ? null : values.get(bounds);
  return typeof value === 'bigint' ? { firstMicros: value, lastMicros: value + DAY_MICROS - 1n } : null;
}

export function boundingColumn({ partitionColumns = new Map() }: Source): string | null {
  return [...partitionColumns].find(([, { bounds }]) => bounds !== null)?.[0] ?? null;
}

export const foldersInRange = (source: Source, folders: readonly Folder[], range: TimeRange): readonly Folder[] =>
  folders.filter(({ values }) => {
    const reach = folderReach(source, values);
    if (reach === null) return true;
    const isLater = range.toMicros !== null && reach.firstMicros > range.toMicros;
    return !isLater && (range.fromMicros === null || reach.lastMicros >= range.fromMicros);
  });

/** The event time, which must lie in the day of its folder: what was left out elsewhere would have been left out wrongly. */
export function boundedMicros(source: Source, micros: string, day: string): string {
  const what = `source ${source.name}, column ${source.timestampColumn}: a row's event time lies outside the day of its folder ${boundingColumn(source)}=`;
  const outside = `error(${text(`PLUMB:SOURCE_MISMATCH:${what}`)} || strftime(${day}, '%Y-%m-%d') || ${text(', at ')} || make_timestamp(${micros}) || ${text('; move the row, or take bounds out of partitionColumns')})`;
  return `CASE WHEN ${micros} - epoch_us(${day}) BETWEEN 0 AND ${DAY_MICROS - 1n} OR ${micros} IS NULL OR ${day} IS NULL THEN ${micros} ELSE ${outside} END`;
}
