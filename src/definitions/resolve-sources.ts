// Sources of files, checked against the real ones through the SourceInspector port.
import { PlumbError } from '../../schemas/errors.ts';
import type { BatchSourceDefinition } from '../../schemas/sources.ts';
import type { DataType } from '../../schemas/types.ts';
import type { Source } from '../catalog/catalog.ts';
import { show } from '../contract-mistakes.ts';
import { nearestName } from '../nearest.ts';
import { checkTime } from './check-time.ts';
import { checkDialect, csvDialect } from './csv-dialect.ts';
import { at, type Mistakes, type Place } from './mistakes.ts';
import { documented } from './resolve-fields.ts';
import { partitionTypes, resolvePartitions } from './resolve-partitions.ts';
import type { SourceInspector, SourceShape } from './source-inspector.ts';

export interface ResolvedSource extends Source {
  /** Columns of the files that no type of ours can hold, with the files' own type. */
  readonly unreadable: ReadonlyMap<string, string>;
}

const S3_PATH = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/./;

export interface WrittenSource {
  readonly value: BatchSourceDefinition;
  readonly place: Place;
}

/** Null where views over the source cannot be checked because its columns are unknown. */
export async function resolveBatchSource(
  parsed: WrittenSource,
  inspector: SourceInspector,
  mistakes: Mistakes,
): Promise<ResolvedSource | null> {
  const { value, place } = parsed;
  const readable = !value.path.includes('://') || S3_PATH.test(value.path);
  if (!readable) mistakes.add(at(place, 'path'), show(value.path), 'a file, a glob, or s3://bucket/prefix/*.parquet');
  const shape = readable ? await inspect(parsed, inspector, mistakes) : null;
  const inFiles = columnsOf(value, shape, place, mistakes);
  if (inFiles === null) return null;
  const partitionColumns = resolvePartitions(value, shape, place, mistakes);
  const columns = new Map([...inFiles, ...partitionTypes(partitionColumns)]);
  const resolved = toSource(value, columns, place, mistakes);
  const source = partitionColumns === undefined ? resolved : { ...resolved, partitionColumns };
  if (shape !== null && (value.columns ?? value.partitionColumns) !== undefined)
    await checkColumns(source, shape, place, inspector, mistakes);
  const unreadable = unreadableColumns(shape, columns);
  explainTimes(value, unreadable, place, mistakes);
  return { ...source, unreadable };
}

async function inspect(
  { value, place }: WrittenSource,
  inspector: SourceInspector,
  mistakes: Mistakes,
): Promise<SourceShape | null> {
  return reporting(place, mistakes, async () => {
    const shape = await inspector.inspect({ path: value.path, format: value.format, ...csvDialect(value) });
    if (shape.fileCount > 0) return shape;
    mistakes.add(
      at(place, 'path'),
      shape.whyEmpty ?? `no file at ${value.path}`,
      'at least one file (an empty one will do)',
    );
    return null;
  });
}

/** A source that cannot be read is a mistake of its definition; anything else that fails is not. */
async function reporting<T>(place: Place, mistakes: Mistakes, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlumbError) || error.code !== 'SOURCE_MISMATCH') throw error;
    mistakes.add(at(place, 'path'), error.message, 'files that can be read');
    return null;
  }
}

function columnsOf(
  value: BatchSourceDefinition,
  shape: SourceShape | null,
  place: Place,
  mistakes: Mistakes,
): ReadonlyMap<string, DataType> | null {
  if (value.columns !== undefined) return new Map(Object.entries(value.columns));
  if (value.format !== 'parquet') {
    mistakes.add(at(place, 'columns'), 'nothing', `columns, because ${value.format} files do not carry types`);
    return null;
  }
  if (shape === null) return null;
  return new Map([...shape.columns].flatMap(([name, { type }]) => (type === null ? [] : [[name, type]])));
}

/** What the files have of a time column that has no type of ours. */
function explainTimes(
  value: BatchSourceDefinition,
  unreadable: ReadonlyMap<string, string>,
  place: Place,
  mistakes: Mistakes,
): void {
  for (const key of ['timestampColumn', 'createdTimestampColumn'] as const) {
    const column = value[key];
    const physical = column === undefined ? undefined : unreadable.get(column);
    if (physical !== undefined)
      mistakes.add(at(place, key), `column ${column} with ${physical}`, 'one type in every file, or a declared one');
  }
}

const unreadableColumns = (
  shape: SourceShape | null,
  columns: ReadonlyMap<string, DataType>,
): ReadonlyMap<string, string> =>
  new Map([...(shape?.columns ?? [])].flatMap(([name, { physical }]) => (columns.has(name) ? [] : [[name, physical]])));

function toSource(
  value: BatchSourceDefinition,
  columns: ReadonlyMap<string, DataType>,
  place: Place,
  mistakes: Mistakes,
): Source {
  const { timestampColumn, createdTimestampColumn: created = null } = value;
  const unit = value.timestampUnit ?? null;
  const createdUnit = value.createdTimestampUnit ?? null;
  checkTime(
    { column: timestampColumn, key: 'timestampColumn', unitKey: 'timestampUnit', unit },
    columns,
    place,
    mistakes,
  );
  const inherited = createdUnit ?? (created !== null && columns.get(created) !== 'timestamp' ? unit : null);
  const createdTime = { key: 'createdTimestampColumn', unitKey: 'createdTimestampUnit', unit: inherited } as const;
  if (created !== null) checkTime({ ...createdTime, column: created }, columns, place, mistakes);
  else if (createdUnit !== null) {
    mistakes.add(
      at(place, 'createdTimestampUnit'),
      show(createdUnit),
      'no createdTimestampUnit without a createdTimestampColumn',
    );
  }
  const { name, kind, path, format } = value;
  const times = {
    timestampColumn,
    timestampUnit: unit,
    createdTimestampColumn: created,
    createdTimestampUnit: inherited,
  };
  checkDialect(value, place, mistakes);
  return { name, kind, path, format, ...times, columns, ...csvDialect(value), ...documented(value) };
}

async function checkColumns(
  source: Source,
  shape: SourceShape,
  place: Place,
  inspector: SourceInspector,
  mistakes: Mistakes,
): Promise<void> {
  const problems = await reporting(place, mistakes, () => inspector.check(source));
  const real = [...shape.columns.keys()];
  for (const { column, found, expected } of problems ?? []) {
    const isMissing = column !== null && real.length > 0 && !real.includes(column);
    const where = column === null ? at(place, 'path') : at(place, 'columns', column);
    mistakes.add(where, found, expected, isMissing ? nearestName(column, real) : null);
  }
}
