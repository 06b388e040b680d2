// Rows of a chunk, whose first columns are of these types, as `readable` selects them.
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { DataType, Value } from '../../../schemas/types.ts';
import { columnValues } from './read-parts.ts';

export function* chunkRows(
  chunk: DuckDBDataChunk,
  types: readonly DataType[],
): Generator<readonly Value[], void, undefined> {
  const columns = types.map((type, i) => columnValues(chunk.getColumnValues(i), type));
  for (let row = 0; row < chunk.rowCount; row += 1) yield columns.map((column) => column[row] ?? null);
}
