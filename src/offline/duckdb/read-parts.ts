// Parquet parts of a materialization → batches of JavaScript values, for the online store.
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { DataType, Value } from '../../../schemas/types.ts';
import { elementType } from '../../../schemas/types.ts';
import { fileList, ident } from '../../sql/duckdb/names.ts';
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
  const result = await session.stream(
    `SELECT ${items(columns).join(', ')} FROM read_parquet(${fileList(paths)}, hive_partitioning = false)`,
  );
  let next = result.fetchChunk();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) return;
      // The engine decodes the next chunk in a thread of its own while this one is used.
      next = result.fetchChunk();
      next.catch(() => undefined);
      yield toRows(chunk, columns);
    }
  } finally {
    // The session is not closed under a read.
    await next.catch(() => undefined);
  }
}

function items({ keys, features }: StoredColumns): string[] {
  const meta = features.length === 0 ? [] : ['epoch_us(__event_time)', 'epoch_us(__created_time)', '__invalid'];
  return [...meta, ...[...keys, ...features].map(({ name, type }) => readable(ident(name), type))];
}

/** Instants as BIGINT microseconds, which arrive as bigint. */
export function readable(sql: string, type: DataType): string {
  if (type === 'timestamp') return `epoch_us(${sql})`;
  if (elementType(type) === 'timestamp') return `list_transform(${sql}, lambda item: epoch_us(item))`;
  return sql;
}

function toRows(chunk: DuckDBDataChunk, { keys, features }: StoredColumns): StoredRows {
  const metaCount = features.length === 0 ? 0 : 3;
  const column = (index: number): readonly unknown[] => chunk.getColumnValues(index);
  const nothing = new Array<null>(chunk.rowCount).fill(null);
  return {
    rowCount: chunk.rowCount,
    eventMicros: metaCount === 0 ? nothing : (column(0) as (bigint | null)[]),
    createdMicros: metaCount === 0 ? nothing : (column(1) as (bigint | null)[]),
    invalid:
      metaCount === 0 ? nothing : column(2).map((list) => (list === null ? null : (list as { items: string[] }).items)),
    keys: keys.map(({ type }, i) => column(metaCount + i).map((value) => toValue(value, type))),
    values: features.map(({ type }, i) => columnValues(column(metaCount + keys.length + i), type)),
  };
}

/** Most columns hold plain values already. */
export const columnValues = (values: readonly unknown[], type: DataType): readonly Value[] =>
  elementType(type) === null && type !== 'bytes'
    ? (values as readonly Value[])
    : values.map((value) => toValue(value, type));

function toValue(value: unknown, type: DataType): Value {
  if (value === null) return null;
  const element = elementType(type);
  if (element !== null) return (value as { items: readonly unknown[] }).items.map((item) => toValue(item, element));
  if (type === 'bytes') return (value as { bytes: Uint8Array }).bytes;
  return value as Value;
}
