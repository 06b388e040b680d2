// Parquet parts of a materialization → batches of JavaScript values, for the online store.
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { type DataType, isScalarType, shapeOf, type Value } from '../../../schemas/types.ts';
import { fileList, ident } from '../../sql/duckdb/names.ts';
import { readable } from '../../sql/duckdb/readable.ts';
import type { StoredColumns, StoredRows } from '../part-files.ts';
import type { EngineLimits } from './session.ts';
import { DuckdbSession } from './session.ts';

export async function* readParts(
  limits: EngineLimits,
  paths: readonly string[],
  columns: StoredColumns,
  signal: AbortSignal,
): AsyncIterable<StoredRows> {
  if (paths.length === 0) return;
  await using session = await DuckdbSession.open({ ...limits, files: paths, folders: [], signal });
  const select = `SELECT ${items(columns).join(', ')} FROM read_parquet(${fileList(paths)}, hive_partitioning = false)`;
  for await (const chunk of session.chunks(select)) yield toRows(chunk, columns);
}

/** Before the keys. */
function metaItems({ features, isDeleting = false, hasEntries = false }: StoredColumns): readonly string[] {
  if (hasEntries) return ['epoch_us(__event_time)', '__entry'];
  if (features.length === 0) return [];
  return ['epoch_us(__event_time)', 'epoch_us(__created_time)', '__invalid', ...(isDeleting ? ['__deleted'] : [])];
}

function items(columns: StoredColumns): string[] {
  const { keys, features } = columns;
  const meta = metaItems(columns);
  return [...meta, ...[...keys, ...features].map(({ name, type }) => readable(ident(name), type))];
}

function toRows(chunk: DuckDBDataChunk, columns: StoredColumns): StoredRows {
  const { keys, features, hasEntries = false } = columns;
  const metaCount = metaItems(columns).length;
  const column = (index: number): readonly unknown[] => chunk.getColumnValues(index);
  const nothing = new Array<null>(chunk.rowCount).fill(null);
  return {
    rowCount: chunk.rowCount,
    eventMicros: metaCount === 0 ? nothing : (column(0) as (bigint | null)[]),
    createdMicros: features.length === 0 ? nothing : (column(1) as (bigint | null)[]),
    invalid:
      features.length === 0
        ? nothing
        : column(INVALID_AT).map((list) => (list === null ? null : (list as { items: string[] }).items)),
    ...(metaCount > INVALID_AT + 1 ? { deleted: column(INVALID_AT + 1) as boolean[] } : {}),
    keys: keys.map(({ type }, i) => column(metaCount + i).map((value) => toValue(value, type))),
    values: features.map(({ type }, i) => columnValues(column(metaCount + keys.length + i), type)),
    ...(hasEntries ? { entries: column(1).map((entry) => toValue(entry, 'bytes') as Uint8Array) } : {}),
  };
}

const INVALID_AT = 2;

/** Most columns hold plain values already. */
export const columnValues = (values: readonly unknown[], type: DataType): readonly Value[] =>
  isScalarType(type) && type !== 'bytes' ? (values as readonly Value[]) : values.map((value) => toValue(value, type));

export function toValue(value: unknown, type: DataType): Value {
  if (value === null) return null;
  const shape = shapeOf(type);
  switch (shape.kind) {
    case 'scalar':
      return type === 'bytes' ? (value as { bytes: Uint8Array }).bytes : (value as Value);
    case 'map':
      return (value as MapValue).entries.map((entry) => [entry.key, toValue(entry.value, shape.value)]);
    case 'struct': {
      const { entries } = value as StructValue;
      return shape.fields.map((field) => toValue(entries[field.name] ?? null, field.type));
    }
    default:
      return (value as { items: readonly unknown[] }).items.map((item) => toValue(item, shape.element));
  }
}

/** What the engine's client gives. */
interface MapValue {
  readonly entries: readonly { readonly key: string; readonly value: unknown }[];
}

interface StructValue {
  readonly entries: Readonly<Record<string, unknown>>;
}
