// What the names of a file's folders say, for the columns that the source reads from them: `…/dt=2026-01-01/a.parquet`. The
// path counts as the source names it (of an object its key), never the place of a local copy. Characters may be written as
// %XX, null as __HIVE_DEFAULT_PARTITION__, as Hive, Spark, Arrow and DuckDB write them.
import { PlumbError } from '../../schemas/errors.ts';
import type { FolderValue, PartitionType, Source } from '../catalog/catalog.ts';
import { parseInstant } from '../instant.ts';

/** SOURCE_MISMATCH where a folder is missing, is there twice, or has a value that is none of its type. */
export function folderValues(source: Source, path: string): ReadonlyMap<string, FolderValue> {
  const folders = path
    .split('/')
    .slice(path.startsWith('s3://') ? 3 : 0, -1)
    .flatMap(namedFolder);
  const columns = [...(source.partitionColumns ?? [])];
  return new Map(
    columns.map(([column, { type }]) => {
      const found = folders.filter(({ name }) => name === column).map(({ value }) => value);
      if (found.length !== 1) throw misplaced({ source, path, column }, found.length);
      const value = parsed(found[0] ?? '', type);
      if (value === undefined) throw misread({ source, path, column }, found[0] ?? '', type);
      return [column, value];
    }),
  );
}

const namedFolder = (folder: string): { name: string; value: string }[] => {
  const at = folder.indexOf('=');
  return at < 0 ? [] : [{ name: decoded(folder.slice(0, at)), value: decoded(folder.slice(at + 1)) }];
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const NULL = '__HIVE_DEFAULT_PARTITION__';
const LAST_INT64 = 2n ** 63n - 1n;

/** undefined: no value of the type. */
function parsed(text: string, type: PartitionType): FolderValue | undefined {
  if (text === NULL) return null;
  if (type === 'string') return text;
  if (type === 'int64') return int64Of(text);
  if (type === 'date')
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? (parseInstant(`${text}T00:00:00Z`) ?? undefined) : undefined;
  return parseInstant(text.replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T')) ?? undefined;
}

function int64Of(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value >= -LAST_INT64 - 1n && value <= LAST_INT64 ? value : undefined;
}

interface Place {
  readonly source: Source;
  readonly path: string;
  readonly column: string;
}

const EXAMPLES: Readonly<Record<PartitionType, string>> = {
  date: '2026-01-31',
  int64: '7',
  string: 'text',
  timestamp: '2026-01-31T00:00:00Z',
};

function misplaced({ source, path, column }: Place, times: number): PlumbError {
  const type = source.partitionColumns?.get(column)?.type ?? 'string';
  const found = times === 0 ? 'no folder' : `${times} folders`;
  return failure(
    { source, path, column },
    `${path} has ${found} called ${column}=…, expected one, such as ${column}=${EXAMPLES[type]}/`,
  );
}

function misread(place: Place, text: string, type: PartitionType): PlumbError {
  const { path, column } = place;
  return failure(
    place,
    `${path} lies in the folder ${column}=${text.slice(0, 60)}, expected ${type}, such as ${column}=${EXAMPLES[type]}/`,
  );
}

const failure = ({ source, path, column }: Place, what: string): PlumbError =>
  new PlumbError('SOURCE_MISMATCH', `source ${source.name}, column ${column}: ${what}`, {
    details: { source: source.name, file: path, column },
  });
