// Columns that a source reads from the names of folders.
import type { BatchSourceDefinition } from '../../schemas/sources.ts';
import type { DeclaredType } from '../../schemas/types.ts';
import type { PartitionColumn, PartitionType } from '../catalog/catalog.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import type { SourceShape } from './source-inspector.ts';

/** A column that folders and files both have is a mistake: which of them would count? */
export function resolvePartitions(
  value: BatchSourceDefinition,
  shape: SourceShape | null,
  place: Place,
  mistakes: Mistakes,
): ReadonlyMap<string, PartitionColumn> | undefined {
  const { partitionColumns, columns = {} } = value;
  if (partitionColumns === undefined) return undefined;
  for (const name of Object.keys(partitionColumns)) {
    const where = Object.hasOwn(columns, name) ? 'columns' : 'the files';
    if (where === 'columns' || shape?.columns.has(name) === true)
      mistakes.add(at(place, 'partitionColumns', name), `a column of ${where}, too`, 'a name that folders alone have');
  }
  const bounding = Object.entries(partitionColumns).filter(([, column]) => typeof column !== 'string');
  if (bounding.length > 1)
    mistakes.add(
      at(place, 'partitionColumns', bounding[1]?.[0] ?? ''),
      'a second column with bounds: event_time',
      'at most one',
    );
  return new Map(Object.entries(partitionColumns).map(([name, column]) => [name, partitionColumn(column)]));
}

type Written = NonNullable<BatchSourceDefinition['partitionColumns']>[string];

export const partitionColumn = (column: Written): PartitionColumn =>
  typeof column === 'string' ? { type: column, bounds: null } : column;

const TYPES: Readonly<Record<PartitionType, DeclaredType>> = {
  date: 'timestamp',
  string: 'string',
  int64: 'int64',
  timestamp: 'timestamp',
};

export const partitionTypes = (columns: ReadonlyMap<string, PartitionColumn> = new Map()): [string, DeclaredType][] =>
  [...columns].map(([name, { type }]) => [name, TYPES[type]]);
